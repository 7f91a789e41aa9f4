"""A part of a picture drawn anew, and a picture grown beyond its borders; the rest keeps its very pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from models.catalogue import ModelCard
from models.errors import MaquetteError
from pipelines.easel import Approach, Call
from pipelines.encoding import encode
from pipelines.image_to_image import beginning, noised, start_from
from pipelines.pictures import MAX_PIXELS
from pipelines.plain_background import opaque
from pipelines.plan import Plan, make_plan
from pipelines.requests import Inpaint
from pipelines.sizes import fitting_size

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

STRENGTH = 0.7
WHITE = 127  # a mask's level above which it is painted


def paint_over(
    card: ModelCard, request: Inpaint, picture: Image.Image, mask: Image.Image | None
) -> tuple[Plan, Approach]:
    """The plan and approach that draw what is painted in the mask, and what the picture is grown by.

    Raises:
        MaquetteError: BAD_IMAGE for a mask of another size or without paint
            and a picture that is too narrow, TOO_LARGE for one that would be grown beyond the limit.
    """
    canvas, painted = _grown(request, opaque(picture), _painted(mask, picture.size))
    if not painted.any():
        raise MaquetteError(
            "BAD_IMAGE",
            "Nothing is painted: brush over what shall be drawn anew, or grow a side "
            "(the mask has 0 white pixels, at least 1 is needed).",
        )
    size = fitting_size(*canvas.size, card)
    over = PaintOver(canvas.resize(size, Image.Resampling.LANCZOS), painted)
    whole = Composite(canvas, soft_edge(painted, request.mask_blur))
    grown = canvas.size != picture.size  # what is new there has nothing to keep
    strength = request.strength or (1.0 if grown else STRENGTH)
    plan = make_plan(card, request, request.num_images, size, strength)
    return plan, Approach(over.begin, whole.finish)


@dataclass(frozen=True)
class PaintOver:
    """An approach that draws where it is painted and keeps the rest of a picture of the plan's size."""

    picture: Image.Image
    painted: NDArray[np.bool_]

    def begin(self, pipeline: Any, plan: Plan, noise: Tensor) -> Call:
        """With a network that is made for painting over its own pipeline, with any other one for pictures."""
        clean = encode(pipeline, self.picture).expand_as(noise)
        noise = noise.to(clean.device)
        free = self._free(clean)
        if pipeline.unet.config.in_channels != clean.shape[1]:
            return self._with_own_network(pipeline, plan, clean, noise, free)
        call = start_from(self.picture, pipeline, plan, clean, noise)

        def keep(latents: Tensor, timestep: Tensor | None) -> Tensor:
            known = clean if timestep is None else noised(pipeline.scheduler, clean, noise, timestep)
            return free * latents + (1 - free) * known

        return replace(call, keep=keep)

    def _with_own_network(
        self, pipeline: Any, plan: Plan, clean: Tensor, noise: Tensor, free: Tensor
    ) -> Call:
        """For a UNet that sees the mask and the masked picture in five more channels."""
        from diffusers import AutoPipelineForInpainting

        variant: Any = AutoPipelineForInpainting.from_pipe(pipeline)
        variant.set_progress_bar_config(disable=True)

        def prepare_latents(*_: Any, timestep: Tensor, **__: Any) -> tuple[Tensor, Tensor]:
            return beginning(pipeline.scheduler, plan, clean, noise, timestep), noise

        variant.prepare_latents = prepare_latents
        levels = free[0, 0].float().mul(255).byte().cpu().numpy()
        mask = Image.fromarray(levels).resize(self.picture.size, Image.Resampling.NEAREST)
        arguments = {
            "image": self.picture,
            "mask_image": mask,
            "strength": plan.strength,
            "width": plan.width,
            "height": plan.height,
        }
        return Call(variant, arguments)

    def _free(self, latents: Tensor) -> Tensor:
        """Which latents may change, [1, 1, h, w]: each that stands for a painted pixel."""
        import torch
        from torch.nn.functional import adaptive_max_pool2d

        painted = torch.from_numpy(self.painted)[None, None].to(latents)
        return adaptive_max_pool2d(painted, latents.shape[-2:])


@dataclass(frozen=True)
class Composite:
    """A picture over which a drawing is laid, as much as `share` [H, W] says, 0 to 1."""

    picture: Image.Image
    share: NDArray[np.float32]

    def finish(self, drawn: Image.Image) -> Image.Image:
        """The drawing where the share is more than nothing, and everywhere else the picture's own pixels."""
        over = np.asarray(drawn.resize(self.picture.size, Image.Resampling.LANCZOS), dtype=np.float32)
        kept = np.asarray(self.picture)
        share = self.share[..., None]
        mixed = (over * share + kept * (1 - share)).round().astype(np.uint8)
        return Image.fromarray(np.where(share > 0, mixed, kept))


def soft_edge(painted: NDArray[np.bool_], width: int) -> NDArray[np.float32]:
    """How much of the drawing shows, 0 to 1: none outside of what is painted, rising within `width` pixels.

    The edge lies inside, and a stroke too thin for it still shows the drawing in its middle.
    """
    from scipy.ndimage import distance_transform_edt

    edged = np.pad(painted, 1, mode="edge")  # the picture's own border is no edge
    inside = np.asarray(distance_transform_edt(edged), dtype=np.float32)[1:-1, 1:-1]
    if painted.all():
        return np.ones(painted.shape, dtype=np.float32)
    rise = min(width + 1.0, float(inside.max()))
    return np.asarray(np.clip(inside / rise, 0, 1), dtype=np.float32)


def _painted(mask: Image.Image | None, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a mask is white, [H, W]; nowhere without one.

    Raises:
        MaquetteError: BAD_IMAGE for a mask of another size than the picture.
    """
    if mask is None:
        return np.zeros((size[1], size[0]), dtype=np.bool_)
    if mask.size != size:
        raise MaquetteError(
            "BAD_IMAGE",
            f"mask: it is {mask.width} x {mask.height}, the picture {size[0]} x {size[1]}; must be equal",
        )
    black = Image.new("RGBA", mask.size, "black")
    return np.asarray(Image.alpha_composite(black, mask.convert("RGBA")).convert("L")) > WHITE


def _grown(
    request: Inpaint, picture: Image.Image, painted: NDArray[np.bool_]
) -> tuple[Image.Image, NDArray[np.bool_]]:
    """The picture with its border drawn out as far as is asked on each side, all that is new painted."""
    rows, columns = (request.grow_top, request.grow_bottom), (request.grow_left, request.grow_right)
    width, height = picture.width + sum(columns), picture.height + sum(rows)
    if width * height > MAX_PIXELS:
        raise MaquetteError(
            "TOO_LARGE",
            f"The grown picture has {width} x {height} = {width * height:,} pixels, "
            f"the limit is {MAX_PIXELS:,}.",
        )
    pixels = np.pad(np.asarray(picture), (rows, columns, (0, 0)), mode="edge")
    return Image.fromarray(pixels), np.pad(painted, (rows, columns), constant_values=True)
