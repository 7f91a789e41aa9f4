"""A picture drawn anew: it is noised part of the way, and the model goes on from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from models.catalogue import ModelCard
from pipelines.easel import Approach, Call
from pipelines.encoding import encode
from pipelines.plain_background import opaque
from pipelines.plan import Plan, make_plan
from pipelines.requests import ImageToImage
from pipelines.sizes import fitting_size

if TYPE_CHECKING:
    from torch import Tensor


def vary(card: ModelCard, request: ImageToImage, picture: Image.Image) -> tuple[Plan, Approach]:
    """The plan and approach that draw a picture anew.

    Raises:
        MaquetteError: BAD_IMAGE for a picture that is too narrow.
    """
    size = fitting_size(*picture.size, card)
    plan = make_plan(card, request, request.num_images, size, request.strength)
    return plan, Approach(FromPicture(opaque(picture).resize(size, Image.Resampling.LANCZOS)).begin)


@dataclass(frozen=True)
class FromPicture:
    """An approach that begins with a picture of the plan's size."""

    picture: Image.Image

    def begin(self, pipeline: Any, plan: Plan, noise: Tensor) -> Call:
        """The pipeline for pictures, made of the same parts, with the noise that words would begin with."""
        clean = encode(pipeline, self.picture).expand_as(noise)
        return start_from(self.picture, pipeline, plan, clean, noise.to(clean.device))


def start_from(picture: Image.Image, pipeline: Any, plan: Plan, clean: Tensor, noise: Tensor) -> Call:
    """A call that begins with clean latents [n, C, h, w], noised as far as the plan's strength says.

    diffusers would encode the picture once more for each result, and only knows four channels there.
    """
    from diffusers import AutoPipelineForImage2Image

    variant: Any = AutoPipelineForImage2Image.from_pipe(pipeline)
    variant.set_progress_bar_config(disable=True)

    def prepare_latents(_: Any, timestep: Tensor, *__: Any) -> Tensor:
        return beginning(pipeline.scheduler, plan, clean, noise, timestep)

    variant.prepare_latents = prepare_latents
    return Call(variant, {"image": picture, "strength": plan.strength})


def beginning(scheduler: Any, plan: Plan, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """What the first step begins with: the picture under noise, nothing but noise where all may change."""
    if plan.strength == 1:
        started: Tensor = noise * scheduler.init_noise_sigma
        return started
    return noised(scheduler, clean, noise, timestep)


def noised(scheduler: Any, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """Clean latents [n, C, h, w] with the noise of a timestep."""
    times = timestep.reshape(-1)[:1].repeat(len(clean))
    found: Tensor = scheduler.add_noise(clean, noise, times)
    return found
