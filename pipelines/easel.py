"""Pictures being drawn, the same way for every task: denoised with a preview at every step, and decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from models.loras import wear
from pipelines.conditioning import Conditions, conditioned
from pipelines.decoding import decode
from pipelines.events import Artifact, Figure, Note, Stage, Step
from pipelines.metadata import save_png
from pipelines.plan import Plan, start
from pipelines.previews import CleanLatents, colours_of
from pipelines.sampling import Looks, sampling
from pipelines.streaming import Tell

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

Check = Callable[[], None]
Preview: TypeAlias = "Callable[[Tensor], Image.Image]"


@dataclass(frozen=True)
class Call:
    """How a task draws one batch: a diffusers pipeline, and what is added to its call.

    Args:
        pipeline: the loaded one, or another made of its components.
        arguments: of its call, beside words, steps, guidance_scale, generator, output and callback.
        keep: puts what must stay into latents [n, C, h, w], noised for a timestep, or clean for None.
    """

    pipeline: Any
    arguments: dict[str, Any]
    keep: Callable[[Tensor, Tensor | None], Tensor] | None = None


@dataclass(frozen=True)
class Approach:
    """What one task does differently from the others.

    Args:
        begin: from the loaded pipeline, the plan and a batch's noise [n, C, h, w] to its call.
        finish: a decoded picture to the one that is kept.
    """

    begin: Callable[[Any, Plan, Tensor], Call]
    finish: Callable[[Image.Image], Image.Image] = lambda image: image


class Easel:
    """One plan being drawn with one pipeline."""

    def __init__(
        self,
        pipeline: Any,
        plan: Plan,
        folder: Path,
        check: Check,
        approach: Approach,
        conditions: Conditions | None = None,
        preview: Preview | None = None,
    ) -> None:
        self.pipeline = pipeline
        self.plan = plan
        self.folder = folder
        self.check = check
        self.approach = approach
        words = plan.request.prompt, plan.request.negative_prompt
        self.conditions = conditions or Conditions(*words)
        self.batch = len(plan.seeds)
        self.preview = preview or colours_of(pipeline).draw
        self._captured: set[str] = set()

    def paint(self, tell: Tell) -> list[Path]:
        """All pictures: denoised together, decoded one by one."""
        import torch

        guided = self.plan.guidance_scale > 1
        with (
            conditioned(self.pipeline, self.conditions, guided) as words,
            torch.inference_mode(),  # a few percent faster than no_grad
        ):
            return self._paint(words, tell)

    def _paint(self, words: dict[str, Any], tell: Tell) -> list[Path]:
        count = len(self.plan.seeds)
        tell(Stage("drawing", self.plan.drawn_steps * -(-count // self.batch)))
        latents: list[Tensor] = []
        for first in range(0, count, self.batch):
            latents.extend(self._denoise(words, first, tell).split(1))
        tell(Stage("decoding", count))
        paths = []
        for index, latent in enumerate(latents):
            self.check()
            paths.append(self._keep(latent, index, f"image-{index}.png", tell))
            tell(Step("decoding", index + 1, count))
        return paths

    def _denoise(self, words: dict[str, Any], first: int, tell: Tell) -> Tensor:
        """The clean latents [n, C, h, w] of one batch, as diffusers' own pipeline makes them."""
        plan = self.plan
        seeds = plan.seeds[first : first + self.batch]
        noise, generators = start(self.pipeline, seeds, plan.width, plan.height)
        with sampling(self.pipeline, plan.request.scheduler, seeds, plan.steps) as clean:
            self._pause()
            call = self.approach.begin(self.pipeline, plan, noise)
            found: Tensor = call.pipeline(
                num_inference_steps=plan.steps,
                guidance_scale=plan.guidance_scale,
                num_images_per_prompt=len(seeds),
                generator=generators,
                output_type="latent",
                callback_on_step_end=self._after_each_look(call, clean, first, tell),
                **words,
                **call.arguments,
            ).images
        return found

    def _after_each_look(
        self, call: Call, clean: CleanLatents, first: int, tell: Tell
    ) -> Callable[..., dict[str, Tensor]]:
        """What diffusers calls: tells each step, keeps what must stay, decodes where that is asked."""

        def on_step_end(_: Any, index: int, __: Any, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
            self._pause()
            looks = Looks(self.pipeline.scheduler.order, call.pipeline.num_timesteps)
            step, after = looks.finished(index), tensors["latents"]
            if step is None:
                return {}
            shown = clean.newest(after, index + 1 == looks.count)
            if call.keep is not None:
                shown, after = call.keep(shown, None), call.keep(after, self._next_time(looks, index))
            done, rounds = first // self.batch * looks.steps, -(-len(self.plan.seeds) // self.batch)
            tell(Step("drawing", done + step, looks.steps * rounds, self.preview(shown)))
            if step in self.plan.capture:
                self._capture(shown, step, first, tell)
            return {"latents": after}

        return on_step_end

    def _pause(self) -> None:
        """Let others in, who may have had the pipeline draw something of theirs meanwhile."""
        self.check()
        wear(self.pipeline, self.conditions.loras)

    def _next_time(self, looks: Looks, index: int) -> Tensor | None:
        """The timestep of the look after `index`; a picture's way begins in the middle of the schedule."""
        times: Tensor = self.pipeline.scheduler.timesteps
        return None if index + 1 == looks.count else times[len(times) - looks.count + index + 1]

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
        image = self.approach.finish(image)
        size = {"width": image.width, "height": image.height}
        captured = {} if step is None else {"step": step}
        facts = self.plan.facts(self.pipeline, index) | size | captured
        save_png(image, self.folder / name, self.plan.request, facts)
        figures: dict[str, Figure] = {**size, "seed": self.plan.seeds[index], **captured}
        tell(Artifact("image" if step is None else "step", name, "image/png", figures))
        return self.folder / name
