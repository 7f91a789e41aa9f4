"""A picture drawn anew: it is noised half-way, and the model goes on from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.easel import Call
from pipelines.encoding import encode
from pipelines.plan import Plan

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


@dataclass
class FromPicture:
    """An approach that begins with a picture of the plan's size, and how much of it may change (0 to 1]."""

    picture: Image.Image
    strength: float

    def begin(self, pipeline: Any, plan: Plan, noise: Tensor) -> Call:
        """The pipeline for pictures, made of the same parts, with the noise that words would begin with.

        So the autoencoder is asked once, and with a schedule that ends in noise strength 1 is text to image.
        """
        from diffusers import AutoPipelineForImage2Image

        variant: Any = AutoPipelineForImage2Image.from_pipe(pipeline)
        variant.set_progress_bar_config(disable=True)
        clean = encode(pipeline, self.picture).expand_as(noise)
        noise = noise.to(clean.device)
        begun: list[Tensor] = []

        def prepare_latents(_: Any, timestep: Tensor, *__: Any) -> Tensor:
            begun.append(noised(pipeline.scheduler, clean, noise, timestep))
            return begun[0]

        variant.prepare_latents = prepare_latents
        arguments = {"image": self.picture, "strength": self.strength}
        return Call(variant, arguments, lambda: begun[0])


def noised(scheduler: Any, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """Clean latents [n, C, h, w] with the noise of a timestep."""
    times = timestep.reshape(-1)[:1].repeat(len(clean))
    found: Tensor = scheduler.add_noise(clean, noise, times)
    return found
