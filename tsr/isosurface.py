"""Where a field passes a level, from a coarse lattice to the full grid.

The coarsest lattice is asked whole. A cell is opened, and its inner points asked, where its corners lie on both
sides of the level, or so near to it that the change along the cell's edges could reach it. After that, a face
of an opened cell with both sides of the level on it opens the cell behind it: a surface once found is followed
to its end at every fineness, the grid's own too. What can be missed is a separate part that lies wholly between
the samples of the coarsest lattice (1/32 of the box; 1/64 from 505 points a side on) and shows at none of them.
"""

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from tsr.gridfield import GridField

COARSEST = 32  # cells a side, where the grid has as many
WIDEST = 8  # grid steps from one coarsest sample to the next, at most

CORNERS = tuple(itertools.product((0, 1), repeat=3))
PLACES = tuple(itertools.product((0, 1, 2), repeat=3))  # points of an opened cell, in half cells
INNER = tuple(place for place in PLACES if 1 in place)  # the other eight are its corners
FACES = [
    (axis, step, [n for n, place in enumerate(PLACES) if place[axis] == 1 + step])
    for axis in range(3)
    for step in (-1, 1)
]
EDGES = [
    (a, b) for a in range(8) for b in range(a) if sum(map(int.__ne__, CORNERS[a], CORNERS[b])) == 1
]  # pairs of corners


def coarse_to_fine(field: GridField) -> Tensor:
    """Excess on the grid [R, R, R]: exact near the surface, elsewhere only its sign holds."""
    stride, cells_a_side = coarsest(field.resolution)
    values = everything(field, stride, cells_a_side + 1)
    cells = all_places(cells_a_side, values.device)
    corners = gather(values, cells, CORNERS)
    reach = 2.0
    while stride > 1:
        cells = cells[may_cross(corners, reach)]
        stride //= 2
        values, cells = refine(field, values, cells, stride)
        cells = (2 * cells[:, None] + cells.new_tensor(CORNERS)).flatten(0, 1)
        corners = gather(values, cells, CORNERS)
        reach = 1.0 if stride > 2 else 0.0
    size = field.resolution
    return values[:size, :size, :size]


def coarsest(resolution: int) -> tuple[int, int]:
    """Stride and cells a side of the first lattice; where it reaches past the grid it is clamped to its end."""
    stride = 1
    while stride < WIDEST and -(-(resolution - 1) // (2 * stride)) >= COARSEST:
        stride *= 2
    return stride, -(-(resolution - 1) // stride)


def everything(field: GridField, stride: int = 1, side: int | None = None) -> Tensor:
    """Excess at every point of a lattice [side, side, side]; by default of the whole grid."""
    size = side or field.resolution
    slabs = [
        field.at(clamp(all_places(size, field.device, slab), stride, field)).view(-1, size, size)
        for slab in torch.arange(size).split(max(1, 2**18 // size**2))
    ]
    return torch.cat(slabs)


def refine(field: GridField, coarse: Tensor, cells: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """The lattice of half the step, asked within the cells [M, 3] and those that the surface leads to.

    Unasked points take a corner's value. Gives the values and all opened cells."""
    side = 2 * len(coarse) - 1
    fine = F.interpolate(coarse[None, None], (side, side, side), mode="nearest")[0, 0]
    opened = torch.zeros_like(coarse, dtype=torch.bool)
    owner = torch.empty(fine.numel(), dtype=torch.int32, device=fine.device)
    found = []
    while len(cells):
        found.append(cells)
        opened[tuple(cells.T)] = True
        asked = distinct(flat(2 * cells, side)[:, None] + steps(INNER, side, cells), owner)
        fine.view(-1)[asked] = field.at(clamp(unravel(asked, side), stride, field))
        cells = beyond(cells, gather(fine, 2 * cells, PLACES) > 0, opened)
    return fine, torch.cat(found) if found else cells


def may_cross(corners: Tensor, reach: float) -> Tensor:
    """Cells (corners [M, 8]) with both sides at their corners, or a corner within reach edge changes of 0."""
    low, high = corners.amin(1), corners.amax(1)
    crossed = (low <= 0) & (high > 0)
    if not reach:
        return crossed
    first, second = (list(ends) for ends in zip(*EDGES, strict=True))
    change = (corners[:, first] - corners[:, second]).abs().amax(1)
    return crossed | (corners.abs().amin(1) < reach * change)


def beyond(cells: Tensor, inside: Tensor, opened: Tensor) -> Tensor:
    """Unopened cells behind faces with both sides on them: cells [M, 3], inside [M, 27] -> [K, 3]."""
    behind = []
    for axis, step, places in FACES:
        face = inside[:, places]
        crossed = cells[face.any(1) & ~face.all(1)].clone()
        crossed[:, axis] += step
        within = (crossed[:, axis] >= 0) & (crossed[:, axis] < len(opened) - 1)
        crossed = crossed[within]
        behind.append(crossed[~opened[tuple(crossed.T)]])
    return torch.cat(behind).unique(dim=0)


def distinct(index: Tensor, owner: Tensor) -> Tensor:
    """Each value of index once; owner is scratch space with a place for every value, of any content."""
    index = index.flatten()
    order = torch.arange(len(index), dtype=owner.dtype, device=owner.device)
    owner[index] = order
    return index[owner[index] == order]


def all_places(side: int, device: torch.device, first: Tensor | None = None) -> Tensor:
    """Every (x, y, z) below side [M, 3], or those whose x is in first."""
    ticks = torch.arange(side, device=device)
    return torch.cartesian_prod(ticks if first is None else first.to(device), ticks, ticks)


def flat(places: Tensor, side: int) -> Tensor:
    return (places[:, 0] * side + places[:, 1]) * side + places[:, 2]


def unravel(index: Tensor, side: int) -> Tensor:
    return torch.stack([index // side**2, index // side % side, index % side], dim=1)


def steps(offsets: Sequence[tuple[int, ...]], side: int, like: Tensor) -> Tensor:
    return flat(torch.tensor(offsets, device=like.device), side)


def gather(values: Tensor, places: Tensor, offsets: Sequence[tuple[int, ...]]) -> Tensor:
    """Values [S, S, S] at places [M, 3] plus each offset -> [M, len(offsets)]."""
    side = len(values)
    return values.view(-1)[flat(places, side)[:, None] + steps(offsets, side, places)]


def clamp(places: Tensor, stride: int, field: GridField) -> Tensor:
    """Grid points of lattice places."""
    return (places * stride).clamp(max=field.resolution - 1)
