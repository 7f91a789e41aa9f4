"""Cells of a cubic lattice, and the points in and on them once each edge is halved."""

import itertools

import torch
from torch import Tensor

CORNERS = tuple(itertools.product((0, 1), repeat=3))
PLACES = tuple(itertools.product((0, 1, 2), repeat=3))  # the points of an opened cell, in half cells
INNER = [n for n, place in enumerate(PLACES) if 1 in place]  # those that are not its corners
OUTER = [n for n, place in enumerate(PLACES) if 1 not in place]
CHILDREN = [
    [PLACES.index((cx + x, cy + y, cz + z)) for x, y, z in CORNERS] for cx, cy, cz in CORNERS
]  # child -> where its corners are
FACES = [
    (axis, step, [n for n, place in enumerate(PLACES) if place[axis] == 1 + step])
    for axis in range(3)
    for step in (-1, 1)
]
EDGES = [(a, b) for a in range(8) for b in range(a) if (a ^ b).bit_count() == 1]  # pairs of corners


def lattice(side: int, device: torch.device, first: Tensor | None = None) -> Tensor:
    """Every (x, y, z) below side [M, 3] in flat order, or those whose x is in first."""
    ticks = torch.arange(side, device=device)
    return torch.cartesian_prod(ticks if first is None else first, ticks, ticks)


def flat(places: Tensor, side: int) -> Tensor:
    """Places [..., 3] -> their numbers in flat order [...]."""
    return (places[..., 0] * side + places[..., 1]) * side + places[..., 2]


def unravel(index: Tensor, side: int) -> Tensor:
    """Numbers in flat order [M] -> places [M, 3]."""
    return torch.stack([index // side**2, index // side % side, index % side], dim=1)


def offsets(places: tuple[tuple[int, ...], ...], side: int, device: torch.device) -> Tensor:
    """What each place adds to a number in flat order."""
    return flat(torch.tensor(places, device=device), side)


def may_cross(corners: Tensor, reach: float) -> Tensor:
    """Cells (corners [M, 8]) with both sides of 0 at their corners, or one within reach edge changes of 0."""
    crossed: Tensor = (corners.amin(1) <= 0) & (corners.amax(1) > 0)
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
        crossed = cells[face.any(1) & ~face.all(1)]
        crossed[:, axis] += step
        crossed = crossed[(crossed[:, axis] >= 0) & (crossed[:, axis] < len(opened))]
        behind.append(crossed[~opened[tuple(crossed.T)]])
    found: Tensor = torch.cat(behind).unique(dim=0)
    return found


def distinct(index: Tensor, owner: Tensor) -> tuple[Tensor, Tensor]:
    """Each value of index [M] once [K], and for every entry where its value is there [M].

    owner is scratch space with a place for every value, of any content: only the places named are touched."""
    order = torch.arange(len(index), dtype=owner.dtype, device=owner.device)
    owner[index] = order
    owners = owner[index]
    kept = owners == order
    return index[kept], (kept.cumsum(0) - 1)[owners]
