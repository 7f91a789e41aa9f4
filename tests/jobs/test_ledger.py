import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.ledger import Ledger
from jobs.records import JobRecord, JobState
from models.errors import MaquetteError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path, patience=0.0)
    yield ledger
    ledger.close()


def a_job(key: str, state: JobState = "queued", **fields: float | None) -> JobRecord:
    record = JobRecord(key=key, kind="text_to_image", request={"prompt": "x", "seed": 3}, created=1.0)
    return record.changed(state=state, **fields)


def lock_out(tmp_path: Path) -> sqlite3.Connection:
    """Another program that writes to the file and does not finish."""
    other = sqlite3.connect(tmp_path / "maquette.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_job_is_still_there_when_the_file_is_opened_again(tmp_path: Path, ledger: Ledger) -> None:
    ledger.add(a_job("a"), "given")
    ledger.save(a_job("a", "done", finished=5.0))
    again = Ledger(tmp_path)
    assert again.find("a") == a_job("a", "done", finished=5.0)
    assert again.given("a") == "given"
    again.close()


def test_an_unknown_key_finds_nothing(ledger: Ledger) -> None:
    assert ledger.find("a") is None
    assert ledger.given("a") is None


def test_keys_that_differ_only_in_case_are_refused_since_file_systems_mix_them_up(ledger: Ledger) -> None:
    ledger.add(a_job("abc"), "")
    with pytest.raises(MaquetteError, match="upper and lower case") as caught:
        ledger.add(a_job("ABC"), "")
    assert caught.value.code == "KEY_IN_USE"
    assert ledger.find("ABC") is None


def test_pages_go_from_the_newest_to_the_oldest_though_the_clock_goes_back(ledger: Ledger) -> None:
    for number in range(5):
        ledger.add(a_job(f"k{number}").changed(created=100.0 - number), "")
    assert [job.key for job in ledger.page(2)] == ["k4", "k3"]
    assert [job.key for job in ledger.page(2, "k3")] == ["k2", "k1"]
    assert [job.key for job in ledger.page(2, "k0")] == []


def test_a_page_before_an_unknown_job_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(MaquetteError) as caught:
        ledger.page(2, "nobody")
    assert caught.value.code == "NOT_FOUND"


def test_after_a_crash_waiting_jobs_wait_and_a_running_one_waits_before_them(ledger: Ledger) -> None:
    for key in ("first", "second"):
        ledger.add(a_job(key), "")
    ledger.save(a_job("first", "running").changed(step=7, stage="drawing", starred=True), runs=1)
    waiting = ledger.recover(now=9.0)
    assert [(job.key, job.state, job.step, job.stage) for job in waiting] == [
        ("first", "queued", 0, ""),
        ("second", "queued", 0, ""),
    ]
    assert waiting[0].starred
    assert waiting[0].seed == 3


def test_a_job_that_was_running_in_two_crashes_has_failed_as_interrupted(ledger: Ledger) -> None:
    ledger.add(a_job("a"), "")
    ledger.save(a_job("a", "running"), runs=1)
    assert len(ledger.recover(now=9.0)) == 1
    ledger.save(a_job("a", "running"), runs=1)
    assert ledger.recover(now=9.0) == []
    failed = ledger.find("a")
    assert failed is not None
    assert (failed.state, failed.finished) == ("failed", 9.0)
    assert failed.error is not None
    assert failed.error.code == "INTERRUPTED"


def test_a_run_that_is_given_back_does_not_count(ledger: Ledger) -> None:
    ledger.add(a_job("a"), "")
    for _ in range(5):
        ledger.save(a_job("a", "running"), runs=1)
        ledger.save(a_job("a"), runs=-1)
    ledger.save(a_job("a", "running"), runs=1)
    assert [job.key for job in ledger.recover(now=9.0)] == ["a"]


def test_the_oldest_finished_jobs_without_a_star_are_past_the_number_to_keep(ledger: Ledger) -> None:
    states: list[JobState] = ["done", "failed", "queued", "cancelled", "done"]
    for number, state in enumerate(states):
        ledger.add(a_job(f"k{number}"), "")
        ledger.save(a_job(f"k{number}", state, finished=50.0))
    ledger.save(a_job("k1", "failed", finished=50.0).changed(starred=True))
    assert ledger.expired(1, None) == ["k0", "k3"]
    assert ledger.expired(4, None) == ["k0"]
    assert ledger.expired(100, None) == []


def test_finished_jobs_before_a_time_are_too_old(ledger: Ledger) -> None:
    for number in range(3):
        ledger.add(a_job(f"k{number}"), "")
        ledger.save(a_job(f"k{number}", "done", finished=float(number)))
    assert ledger.expired(100, 1.5) == ["k0", "k1"]


def test_a_locked_file_refuses_new_jobs_with_a_clear_error(tmp_path: Path, ledger: Ledger) -> None:
    other = lock_out(tmp_path)
    with pytest.raises(MaquetteError, match="could not be written: database is locked") as caught:
        ledger.add(a_job("a"), "")
    other.close()
    assert str(tmp_path) not in caught.value.message


def test_what_a_locked_file_could_not_take_is_known_at_once_and_written_later(
    tmp_path: Path, ledger: Ledger
) -> None:
    ledger.add(a_job("a"), "")
    ledger.add(a_job("b"), "")
    other = lock_out(tmp_path)
    ledger.save(a_job("a", "running"), runs=1)
    ledger.save(a_job("a", "done"))
    known = ledger.find("a")
    assert known is not None
    assert known.state == "done"
    assert [job.state for job in ledger.page(5)] == ["queued", "done"]
    assert "locked" in ledger.troubles()[0]
    other.close()
    assert ledger.troubles() == []
    again = Ledger(tmp_path)
    written = again.find("a")
    assert written is not None
    assert written.state == "done"
    again.close()


def test_runs_that_could_not_be_written_are_counted_later(tmp_path: Path, ledger: Ledger) -> None:
    ledger.add(a_job("a"), "")
    other = lock_out(tmp_path)
    ledger.save(a_job("a", "running"), runs=1)
    ledger.save(a_job("a", "running"), runs=1)
    other.close()
    assert ledger.troubles() == []
    assert ledger.recover(now=1.0) == []


FULL_DISK = """
import resource, sys
from pathlib import Path
from jobs.ledger import Ledger
from jobs.records import JobRecord
from models.errors import MaquetteError

ledger = Ledger(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (262144, 262144))  # as if the disk had no more room
try:
    for number in range(1000):
        ledger.add(JobRecord(key=f"k{number}", kind="x", request={}, created=1.0), "x" * 4000)
except MaquetteError as error:
    print(error)
    troubles = [ledger.troubles() for _ in range(20)]  # until the last page is taken
    print(troubles[-1], len(ledger.page(200)) > 1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_full_disk_is_a_clear_error_and_leaves_the_rest_readable(tmp_path: Path) -> None:
    script = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    told = subprocess.run(script, capture_output=True, text=True, check=True, cwd=ROOT).stdout.splitlines()
    assert told[0].startswith("INTERRUPTED: The list of jobs could not be written: ")
    assert "full" in told[0] or "disk" in told[0]
    assert str(tmp_path) not in told[0]
    assert "could not be written" in told[1]
    assert told[1].endswith("True")


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "maquette.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(MaquetteError, match="not a database"):
        Ledger(tmp_path)


def test_a_data_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(MaquetteError, match="could not be opened") as caught:
        Ledger(tmp_path / "data")
    assert str(tmp_path) not in caught.value.message


def test_a_second_worker_in_the_same_folder_is_refused_until_the_first_is_gone(
    tmp_path: Path, ledger: Ledger
) -> None:
    second = Ledger(tmp_path)
    ledger.claim()
    with pytest.raises(MaquetteError, match="Another Maquette"):
        second.claim()
    ledger.close()
    second.claim()
    second.close()
