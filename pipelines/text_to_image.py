"""Words to pictures, and what every task that draws has in common."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.conditioning import find_conditions
from pipelines.easel import Approach, Call, Check, Easel
from pipelines.events import Event, Note, Stage, Started
from pipelines.fetching import fetched
from pipelines.guidance import guidance_notes
from pipelines.ladder import Rung, climb
from pipelines.plan import Plan, refuse_size
from pipelines.preview_choice import preview_of
from pipelines.safety import guard_of
from pipelines.streaming import stream

if TYPE_CHECKING:
    from torch import Tensor


def from_words(pipeline: Any, plan: Plan, noise: Tensor) -> Call:
    """The loaded pipeline as it is, from nothing but noise."""
    if pipeline.unet.config.in_channels != pipeline.vae.config.latent_channels:
        raise MaquetteError("BAD_REQUEST", f"model: {plan.card.name!r} can only paint over a picture")
    arguments = {
        "width": plan.width,
        "height": plan.height,
        "guidance_rescale": plan.card.guidance_rescale,
        "latents": noise,
    }
    return Call(pipeline, arguments)


WORDS = Approach(from_words)


def draw(
    store: ModelStore, plan: Plan, folder: Path, check: Check, approach: Approach = WORDS
) -> Generator[Event, None, list[Path]]:
    """Draw the plan's pictures into the folder, telling each step; returns their paths.

    Raises:
        MaquetteError: MODEL_MISSING, BAD_REQUEST, OUT_OF_MEMORY, or whatever `check` raises to cancel.
    """
    adapters = [name for name in plan.request.loras if name in store.shelf.cards]
    yield from fetched(store, [plan.card.name, *adapters], check)
    conditions = find_conditions(store, plan.request)
    yield Stage("loading", 1)
    pipeline: Any = yield from _loaded(store, plan)
    check()
    refuse_size(plan, pipeline.vae_scale_factor)
    yield from guidance_notes(pipeline, plan, conditions.embeddings)
    preview = yield from preview_of(store, plan, pipeline, check)
    guard = yield from guard_of(store, plan, check)
    if guard is not None:
        approach, preview = guard.over(approach), guard.under(preview)
    easel = Easel(pipeline, plan, folder, check, approach, conditions, preview)
    refusal = (
        f"{len(plan.seeds)} picture(s) of {plan.width} x {plan.height} do not fit into the memory of "
        f"{store.runtime.told('image').device}; ask for a smaller size"
    )
    paths = yield from climb(lambda: stream(store.thread, easel.paint), _rungs(store, easel), refusal)
    if guard is not None:
        yield from guard.notes()
    return paths


def _loaded(store: ModelStore, plan: Plan) -> Generator[Event, None, Any]:
    """The plan's pipeline; what that takes is told, and another device where the first one failed."""
    if notice := store.notice(plan.card.name):
        yield Note(notice)
    before = store.runtime
    pipeline = store.image_pipeline(plan.card.name)
    if store.runtime is not before:
        told = store.runtime.told("image")
        yield Started(plan.card.name, told.device, told.reason, plan.seeds[0], told.notes)
    return pipeline


def _rungs(store: ModelStore, easel: Easel) -> list[Rung]:
    """Ways to need less memory, the cheapest first."""
    pipeline, name = easel.pipeline, easel.plan.card.name

    def one_by_one() -> None:
        easel.batch = 1
        store.free(keep=name)

    def slices() -> None:
        pipeline.enable_attention_slicing()
        pipeline.vae.enable_slicing()
        pipeline.vae.enable_tiling()

    def by_parts() -> None:
        store.discard(name)
        pipeline.enable_model_cpu_offload()

    def in_pieces() -> None:
        pipeline.enable_sequential_cpu_offload()

    rungs = [Rung("letting other models go and drawing one picture at a time", one_by_one)]
    if store.runtime.openvino is not None:
        return rungs
    rungs.append(Rung("computing attention in slices and decoding in tiles, which is slower", slices))
    if store.runtime.device.type == "cuda":
        rungs += [
            Rung("keeping the model in main memory and moving the part that works, slower", by_parts),
            Rung("moving even that in pieces, much slower", in_pieces),
        ]
    return rungs
