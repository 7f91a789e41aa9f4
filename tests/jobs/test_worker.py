import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from jobs.previews import KEPT
from models.errors import Cancelled, MaquetteError
from pipelines.events import Artifact, Stage, Step
from tests.jobs.conftest import OpenDesk
from tests.jobs.fakes import DONE, Clock, Gate, Play, Script, ended, steps, words


def picture(color: tuple[int, int, int] = (200, 10, 10)) -> Image.Image:
    return Image.new("RGB", (64, 48), color)


def test_cancelling_a_waiting_job_ends_it_at_once_and_it_never_runs(open_desk: OpenDesk) -> None:
    studio = Script(*steps(1))
    desk = open_desk(studio, start=False)
    key = desk.submit(words("never")).key
    record = desk.cancel(key)
    assert record.state == "cancelled"
    assert record.error is not None
    assert record.error.code == "CANCELLED"
    assert record.finished is not None
    desk.start()
    ended(desk, desk.submit(words("the next")).key)
    assert [request.model_dump()["prompt"] for request in studio.asked] == ["the next"]


def test_cancelling_a_running_job_stops_it_before_the_next_step(open_desk: OpenDesk) -> None:
    gate = Gate()
    later: list[str] = []
    studio = Script(*steps(2, 9), gate, Step("drawing", 3, 9), lambda: later.append("a fourth step"))
    desk = open_desk(studio)
    key = desk.submit(words()).key
    gate.wait_reached()
    assert desk.cancel(key).state == "running"
    gate.opened.set()
    record = ended(desk, key)
    assert record.state == "cancelled"
    assert later == []
    assert studio.closed == 1
    assert desk.status(key) == record


def test_a_file_that_is_written_again_is_told_once(open_desk: OpenDesk) -> None:
    first, again = (Artifact("mesh", "mesh.glb", "model/gltf-binary", {"bytes": size}) for size in (1, 2))
    desk = open_desk(Script(first, Artifact("preview", "preview.png", "image/png", {}), again, DONE))
    record = ended(desk, desk.submit(words()).key)
    assert [(artifact.name, artifact.figures) for artifact in record.artifacts] == [
        ("preview.png", {}),
        ("mesh.glb", {"bytes": 2}),
    ]


@pytest.mark.parametrize("error", [Cancelled(), MaquetteError("CANCELLED", "stopped")])
def test_a_studio_that_stops_by_itself_when_asked_has_cancelled(
    open_desk: OpenDesk, error: MaquetteError
) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, error))
    key = desk.submit(words()).key
    gate.wait_reached()
    desk.cancel(key)
    gate.opened.set()
    assert ended(desk, key).state == "cancelled"


def test_cancelling_a_finished_job_changes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1), DONE))
    record = ended(desk, desk.submit(words()).key)
    assert desk.cancel(record.key) == record
    assert desk.status(record.key) == record


def test_a_cancel_that_comes_after_the_last_step_leaves_the_job_done(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(*steps(1), gate, DONE))
    key = desk.submit(words()).key
    gate.wait_reached()
    desk.cancel(key)
    gate.opened.set()
    assert ended(desk, key).state == "done"


def test_cancelling_one_job_leaves_the_next_alone(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, *steps(2)))
    first, second = desk.submit(words()).key, desk.submit(words()).key
    gate.wait_reached()
    desk.cancel(first)
    gate.opened.set()
    assert [ended(desk, first).state, ended(desk, second).state] == ["cancelled", "done"]


def test_a_job_past_its_time_fails_with_the_limit(open_desk: OpenDesk) -> None:
    watch = Clock()
    desk = open_desk(
        Script(*steps(1, 9), lambda: watch.move(61.0), Step("drawing", 2, 9)),
        job_timeout=60.0,
        stopwatch=watch,
    )
    record = ended(desk, desk.submit(words()).key)
    assert record.state == "failed"
    assert record.error is not None
    assert (record.error.code, "60 seconds" in record.error.message) == ("TIMEOUT", True)


def test_each_job_has_the_whole_time(open_desk: OpenDesk) -> None:
    watch = Clock()
    desk = open_desk(Script(lambda: watch.move(40.0), *steps(2)), job_timeout=60.0, stopwatch=watch)
    keys = [desk.submit(words()).key for _ in range(3)]
    assert [ended(desk, key).state for key in keys] == ["done", "done", "done"]


def test_an_error_of_ours_fails_the_job_with_its_code_and_message(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1), MaquetteError("MODEL_MISSING", "sdxl is not here")))
    record = ended(desk, desk.submit(words()).key)
    assert record.state == "failed"
    assert record.error is not None
    assert (record.error.code, record.error.message) == ("MODEL_MISSING", "sdxl is not here")


@pytest.mark.parametrize(
    "error", [ValueError("/root/secret"), ZeroDivisionError(), MemoryError(), KeyError("x"), StopIteration()]
)
def test_any_other_error_fails_the_job_without_its_text_and_the_queue_goes_on(
    open_desk: OpenDesk, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    studio = Script(*steps(1), error)
    desk = open_desk(studio)
    with caplog.at_level(logging.CRITICAL, "jobs.worker"):
        record = ended(desk, desk.submit(words()).key)
    assert record.error is not None
    assert record.error.code == "INTERRUPTED"
    assert "secret" not in record.error.message
    studio.plays = (*steps(1),)
    assert ended(desk, desk.submit(words()).key).state == "done"
    assert desk.healthy() == []


def test_an_unexpected_error_is_in_the_log_with_its_traceback(
    open_desk: OpenDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk(Script(ValueError("the reason")))
    ended(desk, desk.submit(words()).key)
    assert "the reason" in caplog.text
    assert "Traceback" in caplog.text


def test_a_disk_without_room_is_told_by_its_reason(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(OSError(28, "No space left on device", "/root/secret")))
    record = ended(desk, desk.submit(words()).key)
    assert record.error is not None
    assert "No space left on device" in record.error.message
    assert "secret" not in record.error.message


def test_a_folder_that_cannot_be_made_fails_the_job_alone(open_desk: OpenDesk, tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("a file in the way")
    desk = open_desk(Script())
    assert ended(desk, desk.submit(words()).key).state == "failed"
    (tmp_path / "artifacts").unlink()
    assert ended(desk, desk.submit(words()).key).state == "done"


def test_what_an_earlier_run_has_left_in_the_folder_is_gone(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1)), start=False)
    desk.folder("mine").mkdir(parents=True)
    (desk.folder("mine") / "image-0.png").write_bytes(b"half")
    desk.submit(words(), "mine")
    desk.start()
    ended(desk, "mine")
    assert list(desk.folder("mine").iterdir()) == []


def test_every_preview_is_a_jpeg_in_the_folder_when_it_is_announced(open_desk: OpenDesk) -> None:
    seen: list[tuple[str | None, tuple[int, int], str | None]] = []

    def look() -> None:
        name = desk.status("mine").preview
        with Image.open(desk.folder("mine") / str(name)) as image:
            seen.append((name, image.size, image.format))

    plays: list[Play] = [Stage("drawing", 3)]
    for step in range(1, 4):
        plays += [Step("drawing", step, 3, picture()), look]
    desk = open_desk(Script(*plays))
    desk.submit(words(), "mine")
    assert ended(desk, "mine").state == "done"
    assert seen == [(f"preview-{number:03d}.jpg", (64, 48), "JPEG") for number in (1, 2, 3)]


def files_in(folder: Path, into: list[int]) -> Callable[[], object]:
    return lambda: into.append(len(list(folder.iterdir())))


@pytest.mark.parametrize("last", [DONE, ValueError("broken"), Cancelled()])
def test_few_previews_lie_about_and_none_when_the_job_is_over(
    open_desk: OpenDesk, tmp_path: Path, last: Play
) -> None:
    counts: list[int] = []
    look = files_in(tmp_path / "artifacts" / "mine", counts)
    drawn = [play for step in range(1, 31) for play in (Step("drawing", step, 30, picture()), look)]
    desk = open_desk(Script(*drawn, last))
    desk.submit(words(), "mine")
    record = ended(desk, "mine")
    assert max(counts) == KEPT
    assert record.preview is None
    assert list(desk.folder("mine").iterdir()) == []


def test_a_step_without_a_preview_keeps_the_newest(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(Step("drawing", 1, 2, picture()), Step("drawing", 2, 2), gate))
    desk.submit(words(), "mine")
    gate.wait_reached()
    record = desk.status("mine")
    assert (record.step, record.preview) == (2, "preview-001.jpg")
    gate.opened.set()


def test_seconds_left_follow_from_the_steps_of_the_present_stage(open_desk: OpenDesk) -> None:
    watch, left = Clock(), list[float | None]()

    def timed(stage: str, seconds: list[float]) -> list[Play]:
        plays: list[Play] = [Stage(stage, len(seconds))]
        for number, length in enumerate(seconds, start=1):
            step = Step(stage, number, len(seconds))
            plays += [lambda length=length: watch.move(length), step]  # type: ignore[misc]
            plays += [lambda: left.append(desk.status("mine").eta_seconds)]
        return plays

    desk = open_desk(
        Script(*timed("drawing", [10.0, 1.0, 1.0, 4.0]), *timed("meshing", [2.0, 2.0])), stopwatch=watch
    )
    desk.submit(words(), "mine")
    assert ended(desk, "mine").eta_seconds is None
    # drawing: 3 steps as the first (10 s); then the mean of the later ones; meshing starts afresh
    assert left == pytest.approx([30.0, 2.0, 1.0, 0.0, 2.0, 0.0])


def test_a_stage_begins_without_steps_and_without_an_estimate(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(*steps(2), Stage("meshing", 8), gate))
    key = desk.submit(words()).key
    gate.wait_reached()
    record = desk.status(key)
    assert (record.stage, record.step, record.total, record.eta_seconds) == ("meshing", 0, 8, None)
    gate.opened.set()


def test_files_announced_before_a_failure_stay_known(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(Artifact("image", "image-0.png", "image/png", {}), ValueError("then this")))
    record = ended(desk, desk.submit(words()).key)
    assert [file.name for file in record.artifacts] == ["image-0.png"]
