import subprocess
import sys
from pathlib import Path

import pytest

from models.memory import _c_function

ROOT = Path(__file__).parent.parent.parent
# Blocks of 32 MiB, as a step of a large model takes and frees them; glibc would map each one by itself.
WORK = """
import threading, torch
from pathlib import Path
from models.memory import give_back, keep_freed
def held(): return int(Path("/proc/self/statm").read_text().split()[1]) // 256
def step(): blocks = [torch.ones(8 * 2**20) for _ in range(16)]
def run():
    thread = threading.Thread(target=step); thread.start(); thread.join()
    return held()
if KEEP: keep_freed()
before = held()
after = run()
give_back()
print(after - before, held() - before)
"""


@pytest.mark.skipif(_c_function("mallopt") is None, reason="for glibc")
@pytest.mark.parametrize("keep", [True, False])
def test_freed_memory_stays_until_it_is_given_back(keep: bool) -> None:
    command = [sys.executable, "-c", WORK.replace("KEEP", str(keep))]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    after_step, after_all = map(int, found.stdout.split())
    assert after_step > 400 if keep else after_step < 100  # MiB
    assert after_all < 100
