"""A sketch and words to pictures: a ControlNet holds the lines, the words say what they are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.catalogue import CATALOGUE, FindCard, ModelCard
from models.errors import MaquetteError
from pipelines.easel import Call
from pipelines.plan import Plan, make_plan
from pipelines.requests import Sketching

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


@dataclass(frozen=True)
class Leash:
    """How a ControlNet holds a picture to its lines."""

    scale: float  # what its residuals are multiplied with
    end: float  # share of the steps after which it is silent


def leash_of(temperature: float) -> Leash:
    """Temperature 0 holds tight until the last step, 0.65 as published but for the last quarter of the steps,
    and 1 lets go after two fifths of them."""
    return Leash(scale=1.3 - 0.46 * temperature, end=1 - 0.6 * temperature**2)


def control_card(find: FindCard, model: str) -> ModelCard:
    """The ControlNet that belongs to a model that draws.

    Raises:
        MaquetteError: BAD_REQUEST for an unknown model, or one that has none.
    """
    card = find(model, "image")
    if not card.control:
        known = ", ".join(other.name for other in CATALOGUE.values() if other.control)
        raise MaquetteError("BAD_REQUEST", f"model: {model!r} cannot follow a sketch; these can: {known}")
    return find(card.control, "control")


def usual_card(find: FindCard, model: str) -> ModelCard:
    """The card whose steps, guidance and scheduler sketches have: the ControlNet's, as it was trained, or the
    model's own where that was made to draw without guidance.

    Raises:
        MaquetteError: BAD_REQUEST for an unknown model, or one that has no ControlNet.
    """
    card, control = find(model, "image"), control_card(find, model)
    return control if card.default_guidance > 1 else card


def plan_sketch(find: FindCard, request: Sketching, count: int) -> Plan:
    """The request with the defaults that a model has for sketches.

    Raises:
        MaquetteError: BAD_REQUEST for a model that cannot follow sketches, or a side that it cannot draw.
    """
    card = usual_card(find, request.model)
    guidance = card.default_guidance if request.guidance_scale is None else request.guidance_scale
    given = {
        "steps": request.steps or card.default_steps,
        "guidance_scale": guidance,
        "scheduler": request.scheduler or card.scheduler,
    }
    return make_plan(find(request.model, "image"), request.model_copy(update=given), count)


@dataclass(frozen=True)
class FromSketch:
    """An approach that begins with noise and is held to a scribble of the plan's size."""

    control: Any  # ControlNetModel
    scribble: Image.Image
    leash: Leash

    def begin(self, pipeline: Any, plan: Plan, noise: Tensor) -> Call:
        """diffusers' own pipeline for ControlNets, made of the same parts."""
        from diffusers import StableDiffusionControlNetPipeline

        held: Any = StableDiffusionControlNetPipeline(
            **pipeline.components, controlnet=self.control, requires_safety_checker=False
        )
        held.set_progress_bar_config(disable=True)
        arguments = {
            "image": self.scribble,
            "width": plan.width,
            "height": plan.height,
            "controlnet_conditioning_scale": self.leash.scale,
            "control_guidance_end": self.leash.end,
            "latents": noise,
        }
        return Call(held, arguments)
