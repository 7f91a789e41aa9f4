"""Processes that are really killed, and desks that are closed in the middle."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.desk import Desk
from jobs.ledger import Ledger, as_given
from jobs.records import JobRecord
from models.errors import MaquetteError
from tests.jobs.conftest import OpenDesk
from tests.jobs.fakes import DONE, PATIENCE, Gate, Script, ended, steps, words

ROOT = Path(__file__).parents[2]
VICTIM = """
import sys, threading
from pathlib import Path
from jobs.desk import Desk
from jobs.ledger import Ledger
from pipelines.events import Step
from pipelines.requests import TextToImage


class Stuck:
    def check(self, request):
        pass

    def run(self, request, folder, cancelled):
        yield Step("drawing", 1, 9)
        (folder / "half.png").write_bytes(b"half")
        print("running", flush=True)
        threading.Event().wait()


desk = Desk(Ledger(Path(sys.argv[1])), Stuck())
desk.start()
for key in sys.argv[2:]:
    desk.submit(TextToImage(prompt=key), key)
assert "torch" not in sys.modules and "gradio" not in sys.modules
threading.Event().wait()
"""


def crash(data_dir: Path, *keys: str) -> None:
    """Run a process until its first job runs, and kill it."""
    command = [sys.executable, "-c", VICTIM, str(data_dir), *keys]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "running\n"
        victim.kill()


def test_after_a_crash_the_running_job_and_the_waiting_ones_run_in_order(
    tmp_path: Path, open_desk: OpenDesk
) -> None:
    crash(tmp_path, "first", "second")
    studio = Script(*steps(2), DONE)
    desk = open_desk(studio)
    assert [ended(desk, key).state for key in ("first", "second")] == ["done", "done"]
    assert [request.model_dump()["prompt"] for request in studio.asked] == ["first", "second"]
    assert not (desk.folder("first") / "half.png").exists()


def test_a_job_keeps_its_seed_and_its_key_over_a_crash(tmp_path: Path, open_desk: OpenDesk) -> None:
    crash(tmp_path, "mine")
    studio = Script(*steps(2), DONE)
    desk = open_desk(studio)
    seed = desk.submit(words("mine"), "mine").seed
    ended(desk, "mine")
    assert [request.model_dump()["seed"] for request in studio.asked] == [seed]


def test_a_job_that_crashes_the_application_twice_fails_and_the_next_runs(
    tmp_path: Path, open_desk: OpenDesk
) -> None:
    crash(tmp_path, "deadly", "harmless")
    crash(tmp_path)
    studio = Script(*steps(2), DONE)
    desk = open_desk(studio)
    record = ended(desk, "deadly")
    assert record.error is not None
    assert (record.state, record.error.code) == ("failed", "INTERRUPTED")
    assert ended(desk, "harmless").state == "done"
    assert [request.model_dump()["prompt"] for request in studio.asked] == ["harmless"]


def test_closing_in_the_middle_is_no_failure_however_often(tmp_path: Path, open_desk: OpenDesk) -> None:
    for _ in range(4):
        gate = Gate()
        desk = Desk(Ledger(tmp_path, patience=0.0), Script(*steps(1, 9), gate, *steps(9)))
        desk.start()
        desk.submit(words(), "mine")
        gate.wait_reached()
        closing = asyncio.run(close_while(desk, gate))
        assert closing.state == "running"
    crash(tmp_path)  # the first crash of this job, after four closings
    assert ended(open_desk(Script(*steps(2), DONE)), "mine").state == "done"


async def close_while(desk: Desk, gate: Gate) -> JobRecord:
    """Close a desk whose studio stands at a gate, and open the gate once the desk is closing."""
    task = asyncio.create_task(asyncio.to_thread(desk.close))
    record = desk.status("mine")
    while True:
        try:
            desk.submit(words("too late"), "late")
        except MaquetteError:
            break
        desk.cancel("late")
        desk.delete("late")
        await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.wait_for(task, PATIENCE)
    return record


def test_a_request_that_this_version_does_not_know_fails_and_the_rest_runs(
    tmp_path: Path, open_desk: OpenDesk
) -> None:
    ledger = Ledger(tmp_path)
    old = JobRecord(key="old", kind="text_to_smell", request={"kind": "text_to_smell"}, created=1.0)
    ledger.add(old, "")
    new = words(seed=1)
    ledger.add(
        JobRecord(key="new", kind=new.kind, request=new.model_dump(mode="json"), created=1.0), as_given(new)
    )
    ledger.close()
    desk = open_desk(Script(DONE))
    failed = desk.status("old")
    assert failed.error is not None
    assert (failed.state, failed.error.code) == ("failed", "BAD_REQUEST")
    assert ended(desk, "new").state == "done"


def test_a_second_process_does_not_run_the_jobs_of_the_first(tmp_path: Path, open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate))
    desk.submit(words(), "mine")
    gate.wait_reached()
    script = [sys.executable, "-c", VICTIM, str(tmp_path)]
    told = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)
    assert told.returncode != 0
    assert "Another Maquette" in told.stderr
    gate.opened.set()
    assert ended(desk, "mine").state == "done"


@pytest.mark.parametrize("module", ["jobs.desk", "ui.settings"])
def test_importing_loads_neither_torch_nor_gradio(module: str) -> None:
    code = (
        f"import sys, {module}; print(sorted({{'torch', 'gradio', 'diffusers', 'PIL'}} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert told.stdout == "[]\n"
