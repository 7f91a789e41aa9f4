"""python -m models, as a user types it, with a Hub on loopback."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.catalogue import CATALOGUE
from tests.hub import Hub

ROOT = Path(__file__).parent.parent.parent
TAESD = CATALOGUE["taesd"]
WEIGHTS = "diffusion_pytorch_model.safetensors"


def start(hub: Hub, data_dir: Path, command: str, **surroundings: str) -> "subprocess.Popen[str]":
    """One command, under way."""
    given = {"HF_ENDPOINT": hub.url, "HF_HOME": str(data_dir / "hub"), "MAQUETTE_DATA_DIR": str(data_dir)}
    return subprocess.Popen(
        [sys.executable, "-m", "models", *command.split()],
        env=os.environ | given | {"HF_HUB_OFFLINE": "0"} | surroundings,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Said:
    """What one command printed, and how it ended."""

    code: int
    out: str
    err: str


def models(hub: Hub, data_dir: Path, command: str, **surroundings: str) -> Said:
    """What one command says."""
    process = start(hub, data_dir, command, **surroundings)
    out, err = process.communicate(timeout=240)
    return Said(process.returncode, out, err)


def test_a_models_life_from_the_list_to_its_removal(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "data"
    listed = models(hub, data, "list")
    assert listed.code == 0 and [line.split()[0] for line in listed.out.splitlines()][1:] == list(CATALOGUE)
    fetched = models(hub, data, "download taesd")
    assert fetched.code == 0 and fetched.out.endswith("taesd is ready.\n")
    assert "100%" in fetched.err and "B/s" in fetched.err
    assert "2 files, 2 compared with their hashes" in models(hub, data, "verify taesd").out
    weights = data / "models" / "taesd" / WEIGHTS
    weights.write_bytes(b"?" * weights.stat().st_size)
    found = models(hub, data, "verify taesd")
    assert found.code == 1
    assert f"{WEIGHTS}: not the content" in found.out and "download taesd" in found.out
    assert models(hub, data, "download taesd").code == 0
    verified = models(hub, data, "verify")  # all that is here
    assert verified.code == 0
    assert [line.split()[0] for line in verified.out.splitlines()][-1] == "taesd"
    assert len(verified.out.splitlines()) > 1
    hub.forget()
    assert models(hub, data, "download --force taesd").code == 0 and WEIGHTS in hub.sent
    assert "taesd is removed" in models(hub, data, "remove taesd").out
    assert "is ready" in models(hub, data, f"import {tmp_path / 'published'} taesd").out


def test_a_download_that_was_interrupted_goes_on_in_the_next_process(hub: Hub, tmp_path: Path) -> None:
    hub.stops[WEIGHTS] = [30_000, *[0] * 99]
    process = start(hub, tmp_path, "download taesd")
    while len(hub.sent) < 3 and process.poll() is None:  # the first half, and an attempt that brings nothing
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 1 and "what has come is kept" in err and "Traceback" not in err
    assert "31 kB have come" in models(hub, tmp_path, "list").out
    hub.stops.clear()
    hub.forget()
    assert models(hub, tmp_path, "download taesd").code == 0
    assert [asked.range for asked in hub.asked if "/cdn/" in asked.path] == ["bytes=30000-"]


@pytest.mark.parametrize("variable", ["HF_TOKEN", "HUGGINGFACE_TOKEN"])
def test_the_token_opens_a_closed_repository(hub: Hub, tmp_path: Path, variable: str) -> None:
    hub.add(TAESD.source, tmp_path / "published", str(TAESD.revision), token="hf_right")
    data = tmp_path / "data"
    closed = models(hub, data, "download taesd")
    assert closed.code == 1
    assert f"https://huggingface.co/{TAESD.source}, accept" in closed.err and "HF_TOKEN" in closed.err
    assert models(hub, data, "download taesd", **{variable: "hf_right"}).code == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("download nonsense", "'nonsense' is not one of starter"),
        ("download starter", "comes with Maquette"),
        ("remove starter", "comes with Maquette"),
        ("verify taesd", "its weights are not on this machine"),
        ("import nowhere taesd", "there is no 'nowhere'"),
    ],
)
def test_a_mistake_is_one_line(hub: Hub, tmp_path: Path, command: str, said: str) -> None:
    told = models(hub, tmp_path, command)
    assert told.code == 1 and said in told.err and len(told.err.splitlines()) == 1


def test_a_mistake_in_models_toml_is_told_with_the_list(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text("[mine]\nsteps = 1\n")
    told = models(hub, tmp_path, "list")
    assert told.code == 0 and "models.toml, line 1, [mine]" in told.err and "sd15" in told.out


def test_what_other_programs_have_fetched_into_the_hubs_cache_is_used_where_it_is(
    hub: Hub, tmp_path: Path
) -> None:
    fetch = (
        "from huggingface_hub import snapshot_download\n"
        f"snapshot_download({TAESD.source!r}, revision={TAESD.revision!r}, allow_patterns='*.json')\n"
    )
    surroundings = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "0"}
    half = subprocess.run([sys.executable, "-c", fetch], env=os.environ | surroundings, timeout=240)
    assert half.returncode == 0
    assert models(hub, tmp_path, "verify taesd").code == 1  # the weights are not among it
    whole = fetch.replace("*.json", "*")
    subprocess.run([sys.executable, "-c", whole], env=os.environ | surroundings, timeout=240, check=True)
    hub.forget()
    assert "taesd is ready" in models(hub, tmp_path, "download taesd").out and hub.sent == []
    assert "compared with their hashes" in models(hub, tmp_path, "verify taesd").out
    kept = models(hub, tmp_path, "remove taesd")
    assert kept.code == 1 and f"`hf cache rm model/{TAESD.source}`" in kept.err
    blob = max((tmp_path / "hub").rglob("blobs/*"), key=lambda file: file.stat().st_size)
    blob.write_bytes(b"?" * blob.stat().st_size)
    assert f"{WEIGHTS}: not the content" in models(hub, tmp_path, "verify taesd").out
