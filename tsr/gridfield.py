"""Raw density at the points of a regular grid, many times cheaper than point by point."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from tsr.folding import remaining_layers
from tsr.network import TSR
from tsr.triplane import PLANE_AXES, Layers, decode, sample_planes

CHUNK = 16384  # points at a time: their activations stay in the cache
MOST_KEPT = 128  # points a side of the largest grid whose answers are kept: 8 MiB
TIE = 3e-5  # of the largest value seen: closer to the level than this, float32 cannot tell the side


class GridField:
    """Raw density on grid points over [-radius, radius]^3, corners included.

    Bilinear lookup on a grid is separable, so each folded plane (see folding.py) is laid out on the grid
    once; a point is then a sum of three rows. A small grid keeps what it was asked."""

    def __init__(self, model: TSR, scene_code: Tensor, folded: Tensor, resolution: int) -> None:
        self.model = model
        self.planes = scene_code
        self.device = scene_code.device
        self.resolution = resolution
        layers = model.decoder.weights(torch.float32)
        weight, bias = layers[-1]
        self.layers = [*layers[:-1], (weight[:1], bias[:1])]  # colours are asked at the vertices only
        self.axis = grid_axis(resolution, model.config.radius).to(self.device)
        self.rows = lay_out(folded, self.axis, self.layers)
        small = resolution <= MOST_KEPT
        self.kept = torch.full((resolution**3,), torch.nan, device=self.device) if small else None

    def raw(self, index: Tensor, on_points: Callable[[int], None]) -> Tensor:
        """Raw density [N] at grid points index [N, 3] (x, y, z)."""
        if self.kept is None:
            return self._ask(index, on_points)
        places = (index[:, 0] * self.resolution + index[:, 1]) * self.resolution + index[:, 2]
        found = self.kept[places]
        unknown = found.isnan().nonzero().squeeze(1)
        found[unknown] = self._ask(index[unknown], on_points)
        self.kept[places[unknown]] = found[unknown]
        return found

    def raw_exactly(self, index: Tensor) -> Tensor:
        """The same in float64 arithmetic, slowly."""
        features = sample_planes(self.planes.double()[None], self.axis.double()[index][None])[0]
        return decode(self.model.decoder.weights(torch.float64), features)[:, 0]

    def _ask(self, index: Tensor, on_points: Callable[[int], None]) -> Tensor:
        plane_starts = torch.arange(3, device=index.device) * self.resolution**2
        pairs = [index[:, a] * self.resolution + index[:, b] for a, b in PLANE_AXES]
        found = torch.empty(len(index), device=self.device)
        rows = torch.stack(pairs, dim=1) + plane_starts
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            first = F.embedding_bag(part, self.rows, mode="sum")
            found[start : start + CHUNK] = remaining_layers(self.layers, first)[:, 0]
            on_points(len(part))
        return found


class Excess:
    """Signed excess of a grid's raw density over a level, for isosurface.py; it remembers the extremes."""

    def __init__(self, grid: GridField, level: float, on_points: Callable[[int], None]) -> None:
        self.grid = grid
        self.level = level
        self.on_points = on_points
        self.resolution = grid.resolution
        self.device = grid.device
        self.lowest, self.highest = math.inf, -math.inf

    def at(self, index: Tensor) -> Tensor:
        """Excess [N] at grid points index [N, 3] (x, y, z); its sign is that of the float64 value."""
        if not len(index):
            return torch.empty(0, device=self.device)
        found = self.grid.raw(index, self.on_points) - self.level
        self.lowest = min(self.lowest, float(found.min()))
        self.highest = max(self.highest, float(found.max()))
        greatest = max(-self.lowest, self.highest) + abs(self.level)
        ties = (found.abs() < TIE * greatest).nonzero().squeeze(1)
        found[ties] = (self.grid.raw_exactly(index[ties]) - self.level).float()
        return found


def lay_out(folded: Tensor, axis: Tensor, layers: Layers) -> Tensor:
    """Folded planes [3, H, W, F] at every pair of axis [R], the first layer's bias included: [3 R R, F]."""
    height, width = folded.shape[1:3]
    columns, rows = interpolation(axis, width), interpolation(axis, height)
    laid = folded.new_empty(3, len(axis), len(axis), folded.shape[-1])
    for plane, out in zip(folded, laid, strict=True):
        wide = (columns @ plane.transpose(0, 1).flatten(1)).unflatten(1, (height, -1))  # [R, H, F]
        torch.matmul(rows, wide, out=out)
    laid[0] += layers[0][1]
    return laid.flatten(0, 2)


def grid_axis(resolution: int, radius: float) -> Tensor:
    """Grid coordinates in [-1, 1], float32, rounded as the published code rounds them on their way."""
    points = torch.linspace(0, 1, resolution) * (radius + radius) - radius
    return (points + radius) / (radius + radius) * 2 - 1


def interpolation(axis: Tensor, texels: int) -> Tensor:
    """Matrix [N, texels] of bilinear weights at axis [N] in [-1, 1]: align_corners=False, zero outside."""
    where = ((axis.double() + 1) * texels - 1) / 2
    distance = (where[:, None] - torch.arange(texels, device=axis.device)).abs()
    return (1 - distance).clamp(min=0).float()
