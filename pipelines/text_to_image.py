"""Words to pictures, and what every task that draws has in common."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.easel import Approach, Call, Check, Easel
from pipelines.events import Event, Note, Stage
from pipelines.ladder import Rung, climb
from pipelines.plan import Plan, refuse_size
from pipelines.requests import Prompted
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
    yield Stage("loading", 1)
    pipeline: Any = store.image_pipeline(plan.card.name)
    check()
    refuse_size(plan, pipeline.vae_scale_factor)
    yield from _too_long(pipeline, plan.request)
    easel = Easel(pipeline, plan, folder, check, approach)
    refusal = (
        f"{len(plan.seeds)} picture(s) of {plan.width} x {plan.height} do not fit into the memory of "
        f"{store.runtime.device}; ask for a smaller size"
    )
    return (yield from climb(lambda: stream(store.thread, easel.paint), _rungs(store, easel), refusal))


def _too_long(pipeline: Any, request: Prompted) -> Generator[Event]:
    """Notes about words that the model will not read."""
    limit = pipeline.tokenizer.model_max_length
    for name, text in (("prompt", request.prompt), ("negative prompt", request.negative_prompt)):
        count = len(pipeline.tokenizer(text, truncation=False, verbose=False).input_ids)
        if count > limit:
            yield Note(f"The {name} has {count - 2} tokens; the model reads the first {limit - 2} of them.")


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

    def offload() -> None:
        store.discard(name)
        pipeline.enable_sequential_cpu_offload()

    rungs = [
        Rung("letting other models go and drawing one picture at a time", one_by_one),
        Rung("computing attention in slices and decoding in tiles, which is slower", slices),
    ]
    if store.runtime.device.type == "cuda":
        rungs.append(Rung("keeping the model in main memory and moving it in pieces, much slower", offload))
    return rungs
