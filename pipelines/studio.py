"""The one who does the work: a request in, a stream of events out."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from models.errors import Cancelled, MaquetteError
from models.store import ModelStore
from pipelines.events import Done, Event, Stage, Started
from pipelines.image_to_mesh import sculpt
from pipelines.metadata import read_parameters
from pipelines.pictures import open_picture, resolve
from pipelines.plan import make_plan
from pipelines.requests import ImageToMesh, Request, TextToImage, TextToMesh
from pipelines.text_to_image import draw

Check = Callable[[], None]


class Studio:
    """Runs requests one after the other with the models of a store; keeps nothing about them."""

    def __init__(self, store: ModelStore, data_dir: Path) -> None:
        self.store = store
        self.data_dir = data_dir

    def run(self, request: Request, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """Do what is asked and write the files into the folder; `cancelled` is asked at every step and chunk.

        Raises:
            MaquetteError: whatever goes wrong; Cancelled once `cancelled()` is true.
        """

        def check() -> None:
            if cancelled():
                raise Cancelled()

        folder.mkdir(parents=True, exist_ok=True)
        check()
        if isinstance(request, TextToImage):
            return timed(self._text_to_image(request.with_seed(), folder, check))
        if isinstance(request, ImageToMesh):
            return timed(self._image_to_mesh(request, folder, check))
        if isinstance(request, TextToMesh):
            return timed(self._text_to_mesh(request.with_seed(), folder, check))
        raise MaquetteError("BAD_REQUEST", f"kind: {type(request).__name__} is nothing that can be done here")

    def _text_to_image(self, request: TextToImage, folder: Path, check: Check) -> Generator[Event]:
        """Words to pictures."""
        plan = make_plan(request, request.num_images)
        yield self._started(plan.card.name, plan.seeds[0])
        yield from draw(self.store, plan, folder, check)

    def _image_to_mesh(self, request: ImageToMesh, folder: Path, check: Check) -> Generator[Event]:
        """A kept picture to a mesh; its seed is the picture's, where it has one."""
        self.store.require(request.model, "mesh")
        path = resolve(request.image, self.data_dir)
        picture = open_picture(path)
        source = read_parameters(path)
        yield self._started(request.model, _seed_of(source))
        lineage = _lineage(request, picture=request.image, source=source)
        yield from sculpt(self.store, picture, request.model, request, folder, check, lineage)

    def _text_to_mesh(self, request: TextToMesh, folder: Path, check: Check) -> Generator[Event]:
        """Words to a picture, and that picture to a mesh."""
        plan = make_plan(request, 1)
        self.store.require(request.mesh_model, "mesh")  # before anything is drawn
        yield self._started(plan.card.name, plan.seeds[0])
        (path,) = yield from draw(self.store, plan, folder, check)
        source = read_parameters(path)
        lineage = _lineage(request, picture=path.name, source=source)
        picture = open_picture(path)
        yield from sculpt(self.store, picture, request.mesh_model, request, folder, check, lineage)

    def _started(self, model: str, seed: int) -> Started:
        """The first event; it decides the device."""
        runtime = self.store.runtime
        return Started(model, str(runtime.device), runtime.reason, seed)


def timed(events: Iterator[Event]) -> Generator[Event]:
    """The same events, and at the end Done with the seconds spent in each stage."""
    seconds: dict[str, float] = {}
    stage, since = "", perf_counter()
    for event in events:
        if isinstance(event, Stage):
            _add(seconds, stage, perf_counter() - since)
            stage, since = event.name, perf_counter()
        yield event
    _add(seconds, stage, perf_counter() - since)
    yield Done(seconds)


def _add(seconds: dict[str, float], stage: str, spent: float) -> None:
    """Count time for a stage that may come twice; what is before the first one is nobody's."""
    if stage:
        seconds[stage] = round(seconds.get(stage, 0.0) + spent, 4)


def _seed_of(source: dict[str, Any] | None) -> int:
    """The seed that a picture of ours was drawn with, else 0."""
    seed = ((source or {}).get("facts") or {}).get("seed", 0)
    return seed if isinstance(seed, int) else 0


def _lineage(request: Request, picture: str, source: dict[str, Any] | None) -> dict[str, Any]:
    """Where a mesh comes from: its request, its picture, and how that picture was made."""
    lineage = {"generator": "Maquette", "request": request.model_dump(mode="json"), "picture": picture}
    return lineage if source is None else lineage | {"source": source}
