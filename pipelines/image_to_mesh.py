"""A picture to a mesh: cut its objects out, frame them, ask the network, finish what it saw."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PIL import Image

from models.catalogue import ModelCard
from models.store import ModelStore
from pipelines.events import Artifact, Event, Note, Stage, Step
from pipelines.fetching import fetched
from pipelines.finishing import Finisher, refusals
from pipelines.foreground import cut_by_mask, frame
from pipelines.kept_scene import KeptScene
from pipelines.ladder import Rung, climb
from pipelines.metadata import save_png
from pipelines.object_search import find_object, needed
from pipelines.objects import parts_of
from pipelines.readiness import doubts
from pipelines.requests import Finishing, Meshing
from pipelines.streaming import Tell, stream

if TYPE_CHECKING:
    from torch import Tensor

    from tsr.network import TSR

LARGEST = 2048  # longest side in pixels that a picture is cut out at; the network reads at most 512
Check = Callable[[], None]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Source:
    """The picture that a mesh is made of, where it comes from, and the mask that goes with it."""

    picture: Image.Image
    lineage: dict[str, Any]
    mask: Image.Image | None = None


def sculpt(
    store: ModelStore, source: Source, model_name: str, request: Meshing, folder: Path, check: Check
) -> Generator[Event]:
    """Make the meshes of a picture's objects in the folder, with `cutout.png`, what the network saw first.

    Raises:
        MaquetteError: BAD_IMAGE without an object, MODEL_MISSING, BAD_REQUEST, OUT_OF_MEMORY, or whatever
            `check` raises to cancel.
    """
    card = store.card(model_name, "mesh")
    by_network = needed(store, request.background) if source.mask is None else []
    yield from fetched(store, [*by_network, card.name], check)
    yield Stage("background", 1)
    cuts = yield from _objects(store, source, request)
    check()
    yield Step("background", 1, 1)
    yield Stage("loading", 1)
    model = store.mesh_model(card.name)
    check()
    yield Stage("network", 1)
    framed = [frame(cut, request.foreground_ratio, model.config.cond_image_size) for cut in cuts]
    facts = {"model": card.name, "foreground_ratio": request.foreground_ratio}
    save_png(framed[0], folder / "cutout.png", request, facts)
    size = {"width": framed[0].width, "height": framed[0].height}
    yield Artifact("cutout", "cutout.png", "image/png", {**size})
    work = partial(_seen, store, card, model, framed, check)
    codes = yield from _within_memory(store, card, work, request)
    kept = KeptScene(card.name, request.foreground_ratio, source.lineage, codes, cuts)
    with refusals():  # also of numbers that are none
        kept.save(folder)
    yield from finish(store, model, kept, request, folder, check)


def finish(
    store: ModelStore, model: TSR, kept: KeptScene, request: Finishing, folder: Path, check: Check
) -> Generator[Event]:
    """Make the files of a kept scene in the folder.

    Raises:
        MaquetteError: as `sculpt` does once the network has been asked.
    """
    card = store.card(kept.model, "mesh")

    def work(tell: Tell) -> None:
        Finisher(model, kept, request, folder, check, tell).run()

    yield from _within_memory(store, card, work, request)


def _within_memory(
    store: ModelStore, card: ModelCard, work: Callable[[Tell], Result], request: Finishing
) -> Generator[Event, None, Result]:
    """Work in torch's thread, a second time without other models where memory runs out."""
    refusal = f"A mesh of resolution {request.resolution} does not fit into memory; ask for a smaller one"
    if request.texture != "vertex":
        refusal += f", or for a smaller texture than {request.texture_size}"
    rungs = [Rung("letting other models go", partial(store.free, keep=card.name))]
    return (yield from climb(lambda: stream(store.thread, work), rungs, refusal))


def _objects(
    store: ModelStore, source: Source, request: Meshing
) -> Generator[Event, None, list[Image.Image]]:
    """Each object as RGBA, from a picture made no larger than is of use, and notes on what is doubtful."""
    small = source.picture.copy()
    small.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    told: list[str] = []
    if source.mask is None:
        cut = find_object(store, small, request.background, told.append)
    else:
        cut = cut_by_mask(small, source.mask)
    several = request.objects == "each"
    for text in (*told, *doubts(cut, small, several)):
        yield Note(text)
    return parts_of(cut) if several else [cut]


def _seen(
    store: ModelStore, card: ModelCard, model: TSR, framed: list[Image.Image], check: Check, tell: Tell
) -> list[Tensor]:
    """The scene codes [3, C, H, W] in float32 on the CPU, all objects in one forward."""
    check()
    codes = _encode(store, card, model, framed)
    check()
    tell(Step("network", 1, 1))
    return [code.cpu() for code in codes]


def _encode(store: ModelStore, card: ModelCard, model: TSR, framed: list[Image.Image]) -> Tensor:
    """The scene codes [B, 3, C, H, W]; the network runs in half precision where the runtime does."""
    import torch

    runtime = store.runtime
    half = runtime.dtype != torch.float32 and not (
        runtime.device.type == "cpu" and card.cpu_dtype == "float32"
    )
    if half:
        with torch.autocast(runtime.device.type, runtime.dtype):
            codes = model.encode(framed).float()
        if bool(torch.isfinite(codes).all()):
            return codes
    return model.encode(framed).float()
