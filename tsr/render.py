"""Volume rendering of the radiance field (Mildenhall et al. 2020), with TripoSR's sampling."""

from collections.abc import Callable

import torch
from torch import Tensor

from tsr.cameras import Rays
from tsr.triplane import Field

POINTS_AT_ONCE = 32768
BOX = 0.999  # of the radius: rays stay off the planes' very edge
SHORTEST = 0.01  # a ray that spends less than this in the box is background

Query = Callable[[Tensor], Field]


def render_rays(query: Query, rays: Rays, radius: float, samples: int) -> Tensor:
    """Colours [..., 3] in [0, 1] along rays, on white; query gives the field at points [..., 3]."""
    shape = rays.directions.shape
    origins, directions = rays.origins.reshape(-1, 3), rays.directions.reshape(-1, 3)
    entry, leave = box_span(origins, directions, radius * BOX)
    colors = torch.ones_like(directions)
    hits = (leave - entry > SHORTEST).nonzero().squeeze(1)
    for part in hits.split(max(1, POINTS_AT_ONCE // samples)):
        middles = (torch.arange(samples, device=part.device) + 0.5) / samples
        depth = torch.lerp(entry[part, None], leave[part, None], middles)  # [N, S]
        points = origins[part, None] + depth[..., None] * directions[part, None]
        field = query(points)
        colors[part] = composite(field.density[..., 0], field.color, 1 / samples).to(colors.dtype)
    return colors.view(shape)


def box_span(origins: Tensor, directions: Tensor, half: float) -> tuple[Tensor, Tensor]:
    """Depths [N] at which rays enter and leave the cube [-half, half]^3; entry >= leave: they miss it."""
    tiny = torch.where(directions < 0, -1e-9, 1e-9).to(directions.dtype)
    inverse = 1 / torch.where(directions.abs() < 1e-9, tiny, directions)
    first, second = (-half - origins) * inverse, (half - origins) * inverse
    entry = torch.minimum(first, second).amax(1).clamp(min=0)
    return entry, torch.maximum(first, second).amin(1)


def composite(density: Tensor, color: Tensor, delta: float) -> Tensor:
    """density [N, S], color [N, S, 3] front to back -> [N, 3] over white.

    delta is a step in units of the ray's own 0 to 1, as published, not a length."""
    alpha = 1 - torch.exp(-delta * density)
    passed = torch.cumprod(1 - alpha + 1e-10, dim=1)
    before = torch.cat([torch.ones_like(passed[:, :1]), passed[:, :-1]], dim=1)
    weight = alpha * before
    return (weight[..., None] * color).sum(1) + 1 - weight.sum(1, keepdim=True)
