"""Downloads beside everything else, with a fetch that the test holds in its hand."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Event

import pytest

from models.download import Progress, Tell
from models.downloads import Downloads
from models.errors import Cancelled, MaquetteError


class Fetching:
    """A fetch that goes on step by step."""

    def __init__(self) -> None:
        self.began: Queue[str] = Queue()
        self.steps: Queue[Progress | Exception | Path] = Queue()
        self.told = Event()

    def __call__(self, name: str, tell: Tell, stop: Event) -> Path:
        self.began.put(name)
        while True:
            step = self.steps.get(timeout=60)
            if stop.is_set():
                raise Cancelled
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Path):
                return step
            tell(step)
            self.told.set()


@pytest.fixture
def fetching() -> Fetching:
    return Fetching()


@pytest.fixture
def downloads(fetching: Fetching) -> Iterator[Downloads]:
    yield Downloads(fetching)
    fetching.steps.put(MaquetteError("MODEL_MISSING", "the test is over"))


def test_a_second_who_asks_gets_the_download_that_is_under_way(
    downloads: Downloads, fetching: Fetching, tmp_path: Path
) -> None:
    first, second = downloads.start("sd15"), downloads.start("sd15")
    assert fetching.began.get(timeout=60) == "sd15"
    fetching.steps.put(tmp_path)
    assert first.result(60) == second.result(60) == tmp_path and fetching.began.empty()
    assert downloads.running("sd15") is None and downloads.failure("sd15") == ""


def test_how_far_it_is_can_be_asked_meanwhile(downloads: Downloads, fetching: Fetching) -> None:
    downloads.start("sd15")
    fetching.steps.put(Progress(10, 100, "x"))
    assert fetching.told.wait(60)
    running = downloads.running("sd15")
    assert running is not None and running.progress == Progress(10, 100, "x")


def test_what_failed_says_why_until_it_is_tried_again(
    downloads: Downloads, fetching: Fetching, tmp_path: Path
) -> None:
    place = downloads.start("sd15")
    fetching.steps.put(MaquetteError("MODEL_MISSING", "no room"))
    with pytest.raises(MaquetteError, match="no room"):
        place.result(60)
    assert downloads.failure("sd15") == "no room"
    place = downloads.start("sd15")
    assert downloads.failure("sd15") == ""
    fetching.steps.put(tmp_path)
    assert place.result(60) == tmp_path


def test_a_stopped_one_is_no_failure(downloads: Downloads, fetching: Fetching) -> None:
    place = downloads.start("sd15")
    fetching.began.get(timeout=60)
    downloads.stop("sd15")
    fetching.steps.put(Progress(10, 100, "x"))
    with pytest.raises(Cancelled):
        place.result(60)
    assert downloads.failure("sd15") == "" and downloads.running("sd15") is None
    downloads.stop("sd15")


def test_one_that_nobody_waits_for_any_more_is_stopped(downloads: Downloads, fetching: Fetching) -> None:
    with downloads.joined("sd15") as first:
        with downloads.joined("sd15") as second:
            assert first is second
        assert not first.stop.is_set()
    assert first.stop.is_set()
    fetching.steps.put(Progress(10, 100, "x"))
    with pytest.raises(Cancelled):
        first.place.result(60)


def test_one_that_was_asked_for_goes_on_when_those_who_wait_leave(
    downloads: Downloads, fetching: Fetching, tmp_path: Path
) -> None:
    with downloads.joined("sd15") as running:
        place = downloads.start("sd15")
    assert not running.stop.is_set()
    fetching.steps.put(tmp_path)
    assert place.result(60) == tmp_path


def test_who_comes_while_one_is_being_stopped_gets_a_new_one_after_it(
    downloads: Downloads, fetching: Fetching, tmp_path: Path
) -> None:
    before = downloads.start("sd15")
    assert fetching.began.get(timeout=60) == "sd15"
    downloads.stop("sd15")
    with downloads.joined("sd15") as running:
        assert fetching.began.empty() and not before.done()
        fetching.steps.put(Progress(10, 100, "x"))
        with pytest.raises(Cancelled):
            before.result(60)
        fetching.steps.put(tmp_path)
        assert running.place.result(60) == tmp_path
    assert downloads.running("sd15") is None
