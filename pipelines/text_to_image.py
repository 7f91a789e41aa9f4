"""Words to pictures: the denoising with a preview at every step, and the decoding."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.store import ModelStore
from pipelines.decoding import decode
from pipelines.events import Artifact, Event, Figure, Note, Stage, Step
from pipelines.ladder import Rung, climb
from pipelines.metadata import save_png
from pipelines.plan import Plan, refuse_size, start
from pipelines.previews import LatentColours, colours_of
from pipelines.requests import Drawing
from pipelines.sampling import Sampling, sampling
from pipelines.streaming import Tell, stream

if TYPE_CHECKING:
    from torch import Tensor

Check = Callable[[], None]


def draw(store: ModelStore, plan: Plan, folder: Path, check: Check) -> Generator[Event, None, list[Path]]:
    """Draw the plan's pictures into the folder, telling each step; returns their paths.

    Raises:
        MaquetteError: MODEL_MISSING, BAD_REQUEST, OUT_OF_MEMORY, or whatever `check` raises to cancel.
    """
    yield Stage("loading", 1)
    pipeline: Any = store.image_pipeline(plan.card.name)
    check()
    refuse_size(plan, pipeline.vae_scale_factor)
    yield from _too_long(pipeline, plan.request)
    easel = Easel(pipeline, plan, folder, check)
    refusal = (
        f"{len(plan.seeds)} picture(s) of {plan.width} x {plan.height} do not fit into the memory of "
        f"{store.runtime.device}; ask for a smaller size"
    )
    return (yield from climb(lambda: stream(store.thread, easel.paint), _rungs(store, easel), refusal))


class Easel:
    """One plan being drawn with one pipeline."""

    def __init__(self, pipeline: Any, plan: Plan, folder: Path, check: Check) -> None:
        self.pipeline = pipeline
        self.plan = plan
        self.folder = folder
        self.check = check
        self.batch = len(plan.seeds)
        self.colours: LatentColours = colours_of(pipeline)
        self._captured: set[str] = set()

    def paint(self, tell: Tell) -> list[Path]:
        """All pictures: denoised together, decoded one by one."""
        import torch

        with torch.inference_mode():  # a few percent faster than no_grad
            return self._paint(tell)

    def _paint(self, tell: Tell) -> list[Path]:
        count = len(self.plan.seeds)
        tell(Stage("drawing", self.plan.steps * -(-count // self.batch)))
        latents: list[Tensor] = []
        for first in range(0, count, self.batch):
            latents.extend(self._denoise(first, tell).split(1))
        tell(Stage("decoding", count))
        paths = []
        for index, latent in enumerate(latents):
            self.check()
            paths.append(self._keep(latent, index, f"image-{index}.png", tell))
            tell(Step("decoding", index + 1, count))
        return paths

    def _denoise(self, first: int, tell: Tell) -> Tensor:
        """The clean latents [n, C, h, w] of one batch, as diffusers' own pipeline makes them."""
        plan, pipeline = self.plan, self.pipeline
        seeds = plan.seeds[first : first + self.batch]
        latents, generators = start(pipeline, seeds, plan.width, plan.height)
        with sampling(pipeline, plan.request.scheduler, seeds, plan.steps) as scheduler:
            self.check()
            found: Tensor = pipeline(
                prompt=plan.request.prompt,
                negative_prompt=plan.request.negative_prompt,
                width=plan.width,
                height=plan.height,
                num_inference_steps=plan.steps,
                guidance_scale=plan.guidance_scale,
                guidance_rescale=plan.card.guidance_rescale,
                num_images_per_prompt=len(seeds),
                generator=generators,
                latents=latents,
                output_type="latent",
                callback_on_step_end=self._on_step_end(scheduler, first, tell),
            ).images
        return found

    def _on_step_end(self, scheduler: Sampling, first: int, tell: Tell) -> Callable[..., dict[str, Tensor]]:
        """What diffusers calls after each look of the network at the batch that begins with `first`."""
        rounds = -(-len(self.plan.seeds) // self.batch)

        def on_step_end(_: Any, index: int, __: Any, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
            self.check()
            step = scheduler.finished(index)
            if step is None:
                return {}
            clean = scheduler.clean.newest(tensors["latents"], scheduler.is_last(index))
            done = first // self.batch * scheduler.total
            tell(Step("drawing", done + step, scheduler.total * rounds, self.colours.draw(clean)))
            if step in self.plan.capture:
                self._capture(clean, step, first, tell)
            return {}

        return on_step_end

    def _capture(self, clean: Tensor, step: int, first: int, tell: Tell) -> None:
        """Decode exactly what step `step` was heading for; once, even when the step is drawn again."""
        for offset, latent in enumerate(clean.to(self.pipeline.vae.dtype).split(1)):
            name = f"step-{step:02d}-{first + offset}.png"
            if name not in self._captured:
                self._captured.add(name)
                self._keep(latent, first + offset, name, tell, step)

    def _keep(self, latent: Tensor, index: int, name: str, tell: Tell, step: int | None = None) -> Path:
        """Decode latents [1, C, h, w] into a PNG of the folder."""
        image, mended = decode(self.pipeline, latent)
        if mended and step is None:
            tell(
                Note(
                    f"Picture {index} overflowed in half precision and was decoded in float32; "
                    "if it looks wrong, start Maquette with dtype float32."
                )
            )
        captured = {} if step is None else {"step": step}
        facts = self.plan.facts(self.pipeline, index) | captured
        save_png(image, self.folder / name, self.plan.request, facts)
        seed = self.plan.seeds[index]
        figures: dict[str, Figure] = {"width": image.width, "height": image.height, "seed": seed, **captured}
        tell(Artifact("image" if step is None else "step", name, "image/png", figures))
        return self.folder / name


def _too_long(pipeline: Any, request: Drawing) -> Generator[Event]:
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
