"""Where a field passes a level, from a coarse lattice to the full grid.

The coarsest lattice is asked whole. A cell is opened, and its inner points asked, where its corners lie on
both sides of the level, or so near to it that the change along the cell's edges could reach it. After that, a
face of an opened cell with both sides of the level on it opens the cell behind it: a surface once found is
followed to its end at every fineness, the grid's own too. What can be missed is a separate part that lies
wholly between the samples of the coarsest lattice (1/32 of the box; 1/64 from 498 points a side on) and shows
at none of them.
"""

from typing import Protocol

import torch
from torch import Tensor

from tsr.cells import (
    CHILDREN,
    CORNERS,
    INNER,
    OUTER,
    PLACES,
    beyond,
    distinct,
    flat,
    lattice,
    may_cross,
    offsets,
    unravel,
)
from tsr.surface import Layer, Surface

COARSEST = 32  # cells a side, where the grid has as many
WIDEST = 8  # grid steps from one coarsest sample to the next, at most
SLAB = 2**18  # points whose places are listed at a time


class Asked(Protocol):
    """A field on a grid of resolution^3 points: positive inside."""

    resolution: int
    device: torch.device

    def at(self, index: Tensor) -> Tensor:
        """Values [N] at grid points index [N, 3]."""


def coarse_to_fine(field: Asked) -> Surface:
    """The field's surface, asking only around it."""
    stride, count = coarsest(field.resolution)
    coarse = everything(field, stride, count + 1)
    cells = lattice(count, field.device)
    corners = coarse.view(-1)[flat(cells, count + 1)[:, None] + offsets(CORNERS, count + 1, field.device)]
    layers: list[Layer] = []
    opened = None
    while stride > 1:
        chosen = may_cross(corners, 2.0 if not layers else 1.0 if stride > 2 else 0.0)
        stride //= 2
        layer, opened, inner = refine(field, cells[chosen], corners[chosen], stride, count)
        layers.append(layer)
        count *= 2
        if stride > 1:
            cells = (2 * opened[:, None] + opened.new_tensor(CORNERS)).flatten(0, 1)
            corners = inner[:, CHILDREN].flatten(0, 1)
    return Surface(field.resolution, coarse, tuple(layers), opened)


def coarsest(resolution: int) -> tuple[int, int]:
    """Stride and cells a side of the first lattice; what reaches past the grid is clamped to its end."""
    stride = 1
    while stride < WIDEST and -(-(resolution - 1) // (2 * stride)) >= COARSEST:
        stride *= 2
    return stride, -(-(resolution - 1) // stride)


def everything(field: Asked, stride: int, side: int) -> Tensor:
    """Excess at every point of a lattice [side, side, side]."""
    values = torch.empty(side, side, side, device=field.device)
    for slab in torch.arange(side, device=field.device).split(max(1, SLAB // side**2)):
        values[slab] = field.at(clamp(field, lattice(side, field.device, slab), stride)).view(-1, side, side)
    return values


def refine(
    field: Asked, cells: Tensor, corners: Tensor, stride: int, count: int
) -> tuple[Layer, Tensor, Tensor]:
    """Asks within cells [M, 3] of a lattice of count^3 cells, and within those that the surface leads to.

    corners [M, 8] are known. Gives what was asked, all opened cells [K, 3] and their points [K, 27]."""
    side = 2 * count + 1
    owner = torch.empty(side**3, dtype=torch.int32, device=field.device)
    opened = torch.zeros(count, count, count, dtype=torch.bool, device=field.device)
    asked: list[Tensor] = []
    values: list[Tensor] = []
    found: list[Tensor] = []
    inner: list[Tensor] = []
    steps = offsets(PLACES, side, field.device)
    places = list(INNER)
    while len(cells) or not found:
        opened[tuple(cells.T)] = True
        index, where = distinct((flat(2 * cells, side)[:, None] + steps[places]).flatten(), owner)
        answer = field.at(clamp(field, unravel(index, side), stride))
        points = torch.empty(len(cells), len(PLACES), device=field.device)
        points[:, places] = answer[where].view(-1, len(places))
        if not found:
            points[:, OUTER] = corners
        asked.append(index)
        values.append(answer)
        found.append(cells)
        inner.append(points)
        cells, places = beyond(cells, points > 0, opened), list(range(len(PLACES)))
    return Layer(side, torch.cat(asked), torch.cat(values)), torch.cat(found), torch.cat(inner)


def clamp(field: Asked, places: Tensor, stride: int) -> Tensor:
    """Grid points [N, 3] of lattice places."""
    return (places * stride).clamp(max=field.resolution - 1)
