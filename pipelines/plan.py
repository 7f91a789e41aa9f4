"""A request for pictures with everything decided: sizes, steps, seeds, and the noise that they start from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.catalogue import ModelCard
from models.errors import MaquetteError
from pipelines.metadata import sampler_name
from pipelines.requests import MAX_SEED, Drawing, Prompted

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Plan:
    """A request with everything decided."""

    request: Prompted
    card: ModelCard
    width: int
    height: int
    steps: int
    guidance_scale: float
    seeds: tuple[int, ...]
    capture: frozenset[int]
    strength: float = 1.0  # how much of a given picture may change

    @property
    def drawn_steps(self) -> int:
        """The steps that are really taken: a picture to begin with saves the first ones."""
        return min(int(self.steps * self.strength), self.steps)

    def facts(self, pipeline: Any, index: int) -> dict[str, Any]:
        """What is written into picture `index`."""
        given = {} if self.strength == 1 else {"strength": self.strength}
        unet = pipeline.unet  # OpenVINO's tells its place and precision; for torch it is a CPU in float32
        return given | {
            "model": self.card.name,
            "seed": self.seeds[index],
            "steps": self.steps,
            "guidance_scale": self.guidance_scale,
            "width": self.width,
            "height": self.height,
            "sampler": self.request.scheduler or sampler_name(pipeline.scheduler),
            "device": getattr(unet, "place", str(pipeline.device)),
            "dtype": getattr(unet, "precision", str(unet.dtype).removeprefix("torch.")),
        }


def make_plan(
    card: ModelCard,
    request: Prompted,
    count: int,
    size: tuple[int, int] | None = None,
    strength: float = 1.0,
) -> Plan:
    """Fill in the model's defaults; `size` is the one of a given picture, of which at least one step is left.

    Raises:
        MaquetteError: BAD_REQUEST for a side that the model cannot draw.
    """
    first = request.with_seed().seed or 0
    steps = max(request.steps or card.default_steps, math.ceil(1 / strength))
    width, height = size or _size(request, card)
    plan = Plan(
        request=request,
        card=card,
        width=width,
        height=height,
        steps=steps,
        guidance_scale=card.default_guidance if request.guidance_scale is None else request.guidance_scale,
        seeds=tuple((first + i) % (MAX_SEED + 1) for i in range(count)),
        capture=frozenset(step for step in request.capture_steps or () if step <= steps),
        strength=strength,
    )
    refuse_size(plan, card.multiple_of)
    return plan


def _size(request: Prompted, card: ModelCard) -> tuple[int, int]:
    """Width and height as asked for, else the model's own."""
    asked = (request.width, request.height) if isinstance(request, Drawing) else (None, None)
    return asked[0] or card.native_size, asked[1] or card.native_size


def refuse_size(plan: Plan, multiple: int) -> None:
    """Raise BAD_REQUEST for a side that is not a multiple, naming the nearest that are."""
    for name, side in (("width", plan.width), ("height", plan.height)):
        if side % multiple:
            low = max(side // multiple, 1) * multiple
            raise MaquetteError(
                "BAD_REQUEST",
                f"{name}: {side} is not a multiple of {multiple}, as the model {plan.card.name!r} needs; "
                f"the nearest are {low} and {low + multiple}",
            )


def start(pipeline: Any, seeds: tuple[int, ...], width: int, height: int) -> tuple[Tensor, list[Any]]:
    """Noise [n, C, h, w] and generators, one per picture and all on the CPU in float32.

    So picture i of a batch starts as a single picture of its seed does, on any device and in any precision.
    What follows is the same arithmetic, but processors round sums in an order that can depend on the batch's
    size: the same request gives the same bits again; a batch and a single picture may differ in the last bit.
    """
    import torch

    shape = (
        1,
        pipeline.vae.config.latent_channels,
        height // pipeline.vae_scale_factor,
        width // pipeline.vae_scale_factor,
    )
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    noise = torch.cat([torch.randn(shape, generator=generator) for generator in generators])
    return noise.to(pipeline.unet.dtype), generators
