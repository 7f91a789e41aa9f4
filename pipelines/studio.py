"""The one who does the work: a request in, a stream of events out."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from time import perf_counter

from PIL import Image

from models.errors import Cancelled, MaquetteError
from models.store import ModelStore
from pipelines.easel import Approach
from pipelines.events import Artifact, Done, Event, Figure, Stage, Started
from pipelines.fetching import fetched
from pipelines.image_to_image import vary
from pipelines.image_to_mesh import Source, finish, sculpt
from pipelines.inpaint import paint_over
from pipelines.kept_scene import hand_on, load_kept_scene, scene_folder
from pipelines.lineage import lineage_of, seed_of
from pipelines.pictures import open_picture, resolve
from pipelines.plan import make_plan
from pipelines.requests import (
    ImageToImage,
    ImageToMesh,
    Inpaint,
    Meshing,
    Prompted,
    Remesh,
    Request,
    SketchToImage,
    TextToImage,
    TextToMesh,
    Upscale,
)
from pipelines.scribble import scribble_of
from pipelines.sketch_to_image import FromSketch, control_card, leash_of, plan_sketch
from pipelines.text_to_image import draw
from pipelines.upscale import find_upscaler, told_by, upscale

Check = Callable[[], None]


class Studio:
    """Runs requests one after the other with the models of a store; keeps nothing about them."""

    def __init__(self, store: ModelStore, data_dir: Path) -> None:
        self.store = store
        self.data_dir = data_dir

    def check(self, request: Request) -> None:
        """Refuse what nobody knows before it waits in line: models, LoRAs and upscalers.

        Raises:
            MaquetteError: BAD_REQUEST naming those that are known.
        """
        if isinstance(request, Prompted):
            self.store.card(request.model, "image")
            for name in request.loras:
                self.store.adapter(name)
        if isinstance(request, SketchToImage):
            control_card(self.store.card, request.model)
        if isinstance(request, ImageToMesh):
            self.store.card(request.model, "mesh")
        if isinstance(request, TextToMesh):
            self.store.card(request.mesh_model, "mesh")
        if isinstance(request, Upscale):
            find_upscaler(request.upscaler, self.data_dir / "models" / "upscalers")

    def run(self, request: Request, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """Do what is asked and write the files into the folder; `cancelled` is asked at every step and chunk.

        Raises:
            MaquetteError: whatever goes wrong; Cancelled once `cancelled()` is true.
        """

        def check() -> None:
            self.store.thread.pause()  # somebody may wait for a small mesh
            if cancelled():
                raise Cancelled()

        folder.mkdir(parents=True, exist_ok=True)
        check()
        if isinstance(request, TextToImage):
            return timed(self._text_to_image(request.with_seed(), folder, check))
        if isinstance(request, SketchToImage):
            return timed(self._sketch_to_image(request.with_seed(), folder, check))
        if isinstance(request, ImageToImage | Inpaint):
            return timed(self._drawn_anew(request.with_seed(), folder, check))
        if isinstance(request, Upscale):
            return timed(self._upscale(request, folder, check))
        if isinstance(request, ImageToMesh):
            return timed(self._image_to_mesh(request, folder, check))
        if isinstance(request, TextToMesh):
            return timed(self._text_to_mesh(request.with_seed(), folder, check))
        if isinstance(request, Remesh):
            return timed(self._remesh(request, folder, check))
        raise MaquetteError("BAD_REQUEST", f"kind: {type(request).__name__} is nothing that can be done here")

    def _text_to_image(self, request: TextToImage, folder: Path, check: Check) -> Generator[Event]:
        """Words to pictures."""
        plan = make_plan(self.store.card(request.model, "image"), request, request.num_images)
        yield self._started(plan.card.name, plan.seeds[0])
        yield from draw(self.store, plan, folder, check)

    def _sketch_to_image(self, request: SketchToImage, folder: Path, check: Check) -> Generator[Event]:
        """A kept drawing to pictures; what it was understood as comes first."""
        plan = plan_sketch(self.store.card, request, request.num_images)
        card = control_card(self.store.card, request.model)
        self.store.require(card.name, "control")
        yield self._started(plan.card.name, plan.seeds[0])
        yield from fetched(self.store, [plan.card.name, card.name], check)
        yield Stage("sketch", 1)
        scribble = scribble_of(self._opened(request.image), plan.width, plan.height)
        scribble.save(folder / "scribble.png")
        size: dict[str, Figure] = {"width": scribble.width, "height": scribble.height}
        yield Artifact("scribble", "scribble.png", "image/png", size)
        yield Stage("loading", 1)
        approach = FromSketch(self.store.control_model(card.name), scribble, leash_of(request.temperature))
        yield from draw(self.store, plan, folder, check, Approach(approach.begin))

    def _drawn_anew(self, request: ImageToImage | Inpaint, folder: Path, check: Check) -> Generator[Event]:
        """A kept picture to others like it, all of it or a part drawn anew."""
        card, picture = self.store.card(request.model, "image"), self._opened(request.image)
        if isinstance(request, Inpaint):
            mask = None if request.mask is None else self._opened(request.mask)
            plan, approach = paint_over(card, request, picture, mask)
        else:
            plan, approach = vary(card, request, picture)
        yield self._started(plan.card.name, plan.seeds[0])
        yield from draw(self.store, plan, folder, check, approach)

    def _upscale(self, request: Upscale, folder: Path, check: Check) -> Generator[Event]:
        """A kept picture to a larger one; its seed is the picture's, where it has one."""
        path = resolve(request.image, self.data_dir)
        network = find_upscaler(request.upscaler, self.data_dir / "models" / "upscalers")
        runtime, seed = self.store.runtime, told_by(path).get("seed", 0)
        yield Started(request.upscaler, str(runtime.device), runtime.reason, seed)
        yield from upscale(self.store, path, request, network, folder, check)

    def _image_to_mesh(self, request: ImageToMesh, folder: Path, check: Check) -> Generator[Event]:
        """A kept picture to a mesh; its seed is the picture's, where it has one."""
        self.store.require(request.model, "mesh")
        path = resolve(request.image, self.data_dir)
        source = self._source(path, request.image, request.model, request)
        yield self._started(request.model, seed_of(source.lineage))
        yield from sculpt(self.store, source, request.model, request, folder, check)

    def _text_to_mesh(self, request: TextToMesh, folder: Path, check: Check) -> Generator[Event]:
        """Words to a picture, and that picture to a mesh."""
        plan = make_plan(self.store.card(request.model, "image"), request, 1)
        self.store.require(request.mesh_model, "mesh")  # before anything is drawn
        yield self._started(plan.card.name, plan.seeds[0])
        (path,) = yield from draw(self.store, plan, folder, check)
        source = self._source(path, path.name, request.mesh_model, request)
        yield from sculpt(self.store, source, request.mesh_model, request, folder, check)

    def _remesh(self, request: Remesh, folder: Path, check: Check) -> Generator[Event]:
        """The kept scene of an earlier mesh to another mesh."""
        kept_in = scene_folder(request.source, self.data_dir)
        kept = load_kept_scene(kept_in)
        yield self._started(kept.model, seed_of(kept.lineage))
        hand_on(kept_in, folder)
        yield from fetched(self.store, [kept.model], check)
        yield Stage("loading", 1)
        model = self.store.mesh_model(kept.model)
        check()
        yield from finish(self.store, model, kept, request, folder, check)

    def _source(self, path: Path, name: str, model: str, request: Meshing) -> Source:
        """A picture's file as what a mesh is made of."""
        mask = None if request.mask is None else self._opened(request.mask)
        return Source(open_picture(path), lineage_of(path, name, model), mask)

    def _opened(self, reference: str) -> Image.Image:
        """A kept picture."""
        return open_picture(resolve(reference, self.data_dir))

    def _started(self, model: str, seed: int) -> Started:
        """The first event; it decides the device."""
        told = self.store.runtime.told(self.store.card(model).task)
        return Started(model, told.device, told.reason, seed, told.notes)


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
