"""How soon the page is there: the first HTTP 200 of app.py against that of a bare Gradio page, in turns.

python -m benchmarks.page [--rounds 3] [--json FILE]
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
LIMIT = 1.3
PATIENCE = 300.0
BARE = (
    "import sys, gradio as gr\n"
    "with gr.Blocks(analytics_enabled=False) as page:\n"
    "    gr.Textbox()\n"
    "page.launch(server_port=int(sys.argv[1]), ssr_mode=False, quiet=True)\n"
)


def seconds_to_first_answer(command: Sequence[str], port: int) -> float:
    """Seconds from starting a process to its first 200 for /."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - begun < PATIENCE and process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - begun
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise RuntimeError(f"no answer on port {port} from {command[1]}")
    finally:
        process.terminate()
        process.wait(60)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of both, in turns, after one round that warms the disk's cache."""
    seconds: dict[str, list[float]] = {"bare": [], "app": []}
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            bare = seconds_to_first_answer([sys.executable, "-c", BARE, str(port)], port)
            port = free_port()
            options = ["--port", str(port), "--data-dir", folder, "--offline"]
            app = seconds_to_first_answer([sys.executable, "app.py", *options], port)
        if number > 0:
            seconds["bare"].append(bare)
            seconds["app"].append(app)
    return seconds


def main(options: Sequence[str] | None = None) -> None:
    """Measure, print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(options)
    seconds = measure(given.rounds)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    result = {"seconds": seconds, "ratio": middle["app"] / middle["bare"], "limit": LIMIT}
    print(f"{'page':<14}{'median s':>10}{'best s':>10}")
    for name, values in seconds.items():
        print(f"{name:<14}{middle[name]:>10.2f}{min(values):>10.2f}")
    print(f"ratio {result['ratio']:.2f}, at most {LIMIT}")
    print(json.dumps(result))
    if given.json is not None:
        given.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
