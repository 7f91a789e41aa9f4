"""Offline, nothing is asked of the network: every attempt to connect fails these processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# The hook is there before anything of ours is imported, and sees every socket of Python's.
GUARD = """
import os, runpy, sys
def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, f"ASKED THE NETWORK: {event} {arguments[1:]}".encode())
        os._exit(99)
sys.addaudithook(guard)
"""
STORE = """
from pathlib import Path
import torch
from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
store = ModelStore(runtime, Path(sys.argv[1]), offline=True, starter_dir=Path(sys.argv[2]))
store.describe()
store.image_pipeline("starter")("a toy", num_inference_steps=1)
store.mesh_model("starter-mesh")
for name, card in store.shelf.cards.items():
    try:
        if store.state(name) == "missing":
            store.warm_up(name)
    except MaquetteError as error:
        print(error.message)
"""
CLI = """
sys.argv = ["models", "--data-dir", sys.argv[1], *sys.argv[3:]]
runpy.run_module("models", run_name="__main__")
"""


def guarded(
    data_dir: Path, starter_dir: Path, program: str, *options: str
) -> "subprocess.CompletedProcess[str]":
    """What a process says that may not connect to anything."""
    surroundings = {"HF_HOME": str(data_dir / "hub"), "HOME": str(data_dir), "OMP_NUM_THREADS": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-c", GUARD + program, str(data_dir), str(starter_dir), *options],
        env=kept | surroundings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_the_guard_ends_a_process_that_asks(tmp_path: Path) -> None:
    asked = guarded(tmp_path, tmp_path, "import socket; socket.create_connection(('127.0.0.1', 9))")
    assert asked.returncode == 99 and "ASKED THE NETWORK" in asked.stderr


def test_offline_models_load_and_missing_ones_say_which_files_and_how_large(
    tmp_path: Path, starter_dir: Path
) -> None:
    (tmp_path / "models.toml").write_text('[dream]\nhub = "someone/dream"\nfamily = "sd"\n')
    said = guarded(tmp_path, starter_dir, STORE)
    assert said.returncode == 0, said.stderr[-2000:]
    for words in (
        "Stable Diffusion 1.5 (sd15): its weights are not on this machine. It needs *.json",
        "unet/*.fp16.safetensors, vae/*.fp16.safetensors (2.1 GB) from stable-diffusion-v1-5/",
        "Run `python -m models download sd15` once while online, or `python -m models import PATH sd15`",
        "u2net.onnx (176 MB)",
        "dream (dream): its weights are not on this machine.",
    ):
        assert words in said.stdout


@pytest.mark.parametrize("command", ["list", "verify starter", "verify sd15", "remove sd15", "import x sd15"])
def test_no_command_but_download_asks_the_network(tmp_path: Path, starter_dir: Path, command: str) -> None:
    said = guarded(tmp_path, starter_dir, CLI, *command.split())
    assert said.returncode in (0, 1), said.stderr[-2000:]
    assert "Traceback" not in said.stderr
