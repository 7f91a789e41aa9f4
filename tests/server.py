"""The application as users start it: a process of its own, on a free port, with a data folder of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "models" / "starter"
PATIENCE = 240.0  # seconds to wait for the page on a busy machine; a bound, never a wait


@dataclass(frozen=True)
class Server:
    """A running application."""

    url: str
    data_dir: Path
    log: Path
    trained: bool  # whether it runs the starter set, or the tests' tiny random models
    sketches: bool  # whether it has a ControlNet


def has_starter() -> bool:
    """Whether the trained starter set is here."""
    found = [STARTER / "pictures" / "model_index.json", STARTER / "meshes" / "config.yaml"]
    return all(path.is_file() for path in found)


@contextmanager
def running(data_dir: Path, *options: str, hub: str | None = None) -> Iterator[Server]:
    """Start the application, wait until it answers, and end it when the block is left.

    It is offline, unless the address of a Hub of ours is given.
    """
    trained = has_starter()
    module = ["app.py"] if trained else ["-m", "tests.miniature_app"]
    port, log = _free_port(), data_dir / "app.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        *module,
        "--port",
        str(port),
        "--data-dir",
        str(data_dir),
        *(["--offline"] if hub is None else []),
        *options,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    if hub is not None:
        environment |= {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": hub, "HF_HOME": str(data_dir / "hub")}
    with log.open("a") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        sketches = not trained or (STARTER / "control" / "config.json").is_file()
        server = Server(f"http://127.0.0.1:{port}", data_dir, log, trained, sketches)
        _wait(server, process)
        yield server
    finally:
        process.kill()  # at once: Gradio takes seconds to end in order
        process.wait()


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    """Poll /health until it answers or the process has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{server.url}/health", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the application did not come up:\n{server.log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
