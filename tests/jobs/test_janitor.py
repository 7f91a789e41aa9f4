import os
from pathlib import Path

import pytest

from jobs.desk import Desk
from jobs.janitor import GRACE_SECONDS, Janitor
from jobs.ledger import Ledger
from pipelines.requests import ImageToMesh
from tests.jobs.conftest import OpenDesk
from tests.jobs.fakes import Clock, Gate, Script, ended, mesh_of, steps, words

NAME = "a" * 64 + ".png"
OTHER = "b" * 64 + ".png"


def keys(desk: Desk) -> list[str]:
    return [record.key for record in desk.history(200)]


def put(path: Path, age: float, now: float) -> Path:
    """A file that was last changed some seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (now - age, now - age))
    return path


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, patience=0.0)


def test_only_the_newest_jobs_and_their_files_are_kept(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1)), keep_jobs=2)
    for number in range(5):
        ended(desk, desk.submit(words(), f"k{number}").key)
    ended(desk, desk.submit(words(), "last").key)
    assert keys(desk)[:2] == ["last", "k4"]
    assert not desk.folder("k0").exists()


def test_a_starred_job_stays(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1)), keep_jobs=1)
    ended(desk, desk.submit(words(), "dear").key)
    desk.star("dear", True)
    for number in range(3):
        ended(desk, desk.submit(words(), f"k{number}").key)
    ended(desk, desk.submit(words(), "last").key)
    assert "dear" in keys(desk)
    assert "k0" not in keys(desk)
    assert desk.folder("dear").is_dir()


def test_jobs_past_their_hours_are_removed_at_the_next_sweep(tmp_path: Path, open_desk: OpenDesk) -> None:
    clock = Clock()
    desk = open_desk(Script(*steps(1)), clock=clock)
    ended(desk, desk.submit(words(), "old").key)
    clock.move(3600.0)
    ended(desk, desk.submit(words(), "new").key)
    desk.close()
    ledger = Ledger(tmp_path)
    Janitor(ledger, lambda _: False, keep_hours=0.5, clock=clock).sweep()
    assert ledger.keys() == {"new"}
    assert not (tmp_path / "artifacts" / "old").exists()
    ledger.close()


def test_a_job_whose_picture_another_job_needs_stays_until_that_is_over(open_desk: OpenDesk) -> None:
    gate, studio, seen = Gate(), Script(*steps(1)), list[list[str]]()
    desk = open_desk(studio, keep_jobs=1)
    ended(desk, desk.submit(words(), "picture").key)
    studio.plays = (gate, lambda: seen.append(keys(desk)), *steps(1))
    desk.submit(words(), "before")
    desk.submit(mesh_of("picture"), "mesh")
    gate.opened.set()
    ended(desk, "mesh")
    ended(desk, desk.submit(words(), "last").key)
    assert seen[:2] == [["mesh", "before", "picture"], ["mesh", "picture"]]
    assert "picture" not in keys(desk)


def test_folders_without_a_job_go_after_a_day_and_those_of_jobs_stay(
    tmp_path: Path, open_desk: OpenDesk
) -> None:
    clock = Clock(1e9)
    desk = open_desk(Script(*steps(1)), clock=clock)
    ended(desk, desk.submit(words(), "mine").key)
    desk.close()
    for name, age in (("orphan", GRACE_SECONDS + 1), ("young", GRACE_SECONDS - 1)):
        put(tmp_path / "artifacts" / name / "image-0.png", age, clock.now)
        os.utime(tmp_path / "artifacts" / name, (clock.now - age, clock.now - age))
    os.utime(tmp_path / "artifacts" / "mine", (1.0, 1.0))
    ledger = Ledger(tmp_path)
    Janitor(ledger, lambda _: False, clock=clock).sweep()
    assert sorted(folder.name for folder in (tmp_path / "artifacts").iterdir()) == ["mine", "young"]
    ledger.close()


def test_pictures_that_no_job_asks_for_go_after_a_day(tmp_path: Path, open_desk: OpenDesk) -> None:
    clock = Clock(1e9)
    wanted = put(tmp_path / "inputs" / NAME, GRACE_SECONDS * 9, clock.now)
    orphan = put(tmp_path / "inputs" / OTHER, GRACE_SECONDS + 1, clock.now)
    young = put(tmp_path / "inputs" / ("c" * 64 + ".png"), GRACE_SECONDS - 1, clock.now)
    desk = open_desk(Script(), start=False)
    desk.submit(ImageToMesh(image=f"inputs/{NAME}"))
    desk.close()
    ledger = Ledger(tmp_path)
    Janitor(ledger, lambda _: False, clock=clock).sweep()
    assert (wanted.exists(), orphan.exists(), young.exists()) == (True, False, True)
    ledger.close()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path, ledger: Ledger) -> None:
    treasure = put(tmp_path / "elsewhere" / "treasure", 0.0, 0.0)
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "link").symlink_to(treasure.parent)
    Janitor(ledger, lambda _: False, clock=Clock(1e12)).sweep()
    Janitor(ledger, lambda _: False).remove("link")
    assert treasure.exists()
    ledger.close()


def test_an_empty_data_folder_is_swept_without_complaint(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    Janitor(ledger, lambda _: False).sweep()
    assert caplog.text == ""
    ledger.close()


def test_a_sweep_that_the_ledger_refuses_is_logged_and_survived(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.close()
    Janitor(ledger, lambda _: False).sweep()
    assert "could not be tidied" in caplog.text
