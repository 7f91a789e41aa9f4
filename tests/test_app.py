"""What keeps the application from starting is told in one line, and it ends without a word."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.catalogue import CATALOGUE
from tests.server import ROOT


def refusal(*options: str) -> str:
    """What app.py says, which must end by itself with a bad status."""
    command = [sys.executable, "app.py", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip().splitlines()[-1]


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    assert refusal("--data-dir", str(taken)).startswith(f"app.py: --data-dir: {taken}")


def test_a_ledger_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "maquette.db").write_bytes(b"something else, and long enough to look at" * 99)
    assert "could not be opened: file is not a database" in refusal("--data-dir", str(tmp_path))


@pytest.mark.parametrize("name", ["nonsense", "starter-mesh"])
def test_a_model_that_draws_no_pictures(name: str, tmp_path: Path) -> None:
    told = refusal("--data-dir", str(tmp_path), "--model", name)
    drawing = ", ".join(card.name for card in CATALOGUE.values() if card.task == "image")
    assert told == f"app.py: model: '{name}' is not one of {drawing}"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_in_this_machine(tmp_path: Path) -> None:
    told = refusal("--data-dir", str(tmp_path), "--device", "cuda")
    assert told.startswith("app.py: device: 'cuda' is not in this machine; there is cpu")


def test_a_precision_that_the_device_has_not(tmp_path: Path) -> None:
    told = refusal("--data-dir", str(tmp_path), "--dtype", "int8")
    assert told == "app.py: dtype: 'int8' is for the device 'openvino' only"


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = refusal("--data-dir", str(tmp_path), "--port", port)
    assert told.startswith("app.py: --host 127.0.0.1")
    assert f"--port {port}: taken" in told


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_while_its_models_still_load(tmp_path: Path, ending: signal.Signals) -> None:
    command = [sys.executable, "-u", "app.py", "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "http://127.0.0.1" in line:
                break
        process.send_signal(ending)
        rest, _ = process.communicate(timeout=240)
    assert process.returncode in (0, 130), rest
    assert "Traceback" not in rest and "WARNING" not in rest and "not ready" not in rest
