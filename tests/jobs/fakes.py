"""Stand-ins for the studio and the clocks, and small helpers for following jobs."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from jobs.desk import Desk
from jobs.records import JobRecord
from models.errors import MaquetteError
from pipelines.events import Artifact, Done, Event, Note, Stage, Started, Step
from pipelines.requests import ImageToMesh, Request, TextToImage

PATIENCE = 30.0  # seconds after which a waiting test gives up


class Gate:
    """A point in a script where the studio stays until the test lets it go on, or the job is cancelled."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def wait_reached(self) -> None:
        assert self.reached.wait(PATIENCE), "the studio never came here"


Play = Event | Gate | Exception | Callable[[], object]


class Script:
    """A studio that plays the same events for every request, and remembers what it was asked."""

    def __init__(self, *plays: Play) -> None:
        self.plays = plays
        self.asked: list[Request] = []
        self.closed = 0
        self.refuses: MaquetteError | None = None

    def check(self, request: Request) -> None:
        if self.refuses is not None:
            raise self.refuses

    def run(self, request: Request, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Event]:
        self.asked.append(request)
        try:
            for play in self.plays:
                if isinstance(play, Gate):
                    play.reached.set()
                    assert play.opened.wait(PATIENCE)
                elif isinstance(play, Exception):
                    raise play
                elif isinstance(play, Started | Stage | Step | Artifact | Note | Done):
                    yield play
                else:
                    play()
        finally:
            self.closed += 1


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


STARTED = Started(model="fake", device="cpu", reason="a test", seed=7, notes=("hello",))
PICTURE = Artifact("image", "image-0.png", "image/png", {"width": 64, "height": 64})
DONE = Done({"drawing": 1.5})


def steps(count: int, total: int | None = None) -> list[Event]:
    """A drawing stage of some steps."""
    total = total or count
    drawn = [Step("drawing", number, total) for number in range(1, count + 1)]
    return [Stage("drawing", total), *drawn]


def words(prompt: str = "a red mushroom", seed: int | None = None) -> TextToImage:
    """A request for a picture."""
    return TextToImage(prompt=prompt, seed=seed)


def mesh_of(key: str) -> ImageToMesh:
    """A request for a mesh of another job's picture."""
    return ImageToMesh(image=f"artifacts/{key}/image-0.png")


async def all_records(desk: Desk, key: str) -> list[JobRecord]:
    """Every record up to the last."""
    return [record async for record in desk.follow(key)]


def followed(desk: Desk, key: str) -> list[JobRecord]:
    """Follow a job to its end, in an event loop of its own."""

    async def follow() -> list[JobRecord]:
        return await asyncio.wait_for(all_records(desk, key), PATIENCE)

    return asyncio.run(follow())


def ended(desk: Desk, key: str) -> JobRecord:
    """A job's last record."""
    return followed(desk, key)[-1]
