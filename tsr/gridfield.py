"""Raw density at the points of a regular grid, many times cheaper than point by point."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from tsr.network import TSR
from tsr.triplane import PLANE_AXES, decode, sample_planes

CHUNK = 16384  # points at a time: their activations stay in the cache
TILE = 1024  # points in one picture of a batch
TIE = 3e-5  # of the largest value seen: closer to the level than this, float32 cannot tell the side


class GridField:
    """Signed excess of raw density over a level on grid points over [-radius, radius]^3, corners included.

    Bilinear lookup on a grid is separable and the decoder's first layer is linear, so that layer is folded
    into each plane and each plane laid out on the grid once; a point is then a sum of three rows."""

    def __init__(
        self,
        model: TSR,
        scene_code: Tensor,
        resolution: int,
        level: float,
        on_points: Callable[[int], None],
    ) -> None:
        self.model = model
        self.planes = scene_code.float()
        self.device = scene_code.device
        self.resolution = resolution
        self.level = level
        self.on_points = on_points
        self.layers = model.decoder.weights(torch.float32)
        self.axis = grid_axis(resolution, model.config.radius).to(self.planes.device)
        self.rows = self._rows()  # [3 * R * R, width]
        self.lowest, self.highest = math.inf, -math.inf

    def at(self, index: Tensor) -> Tensor:
        """Excess [N] at grid points index [N, 3] (x, y, z); its sign is that of the float64 value."""
        offsets = torch.arange(3, device=index.device) * self.resolution**2
        pairs = [index[:, a] * self.resolution + index[:, b] for a, b in PLANE_AXES]
        rows = torch.stack(pairs, dim=1) + offsets
        found = torch.empty(len(rows), device=self.device)
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            found[start : start + CHUNK] = self._excess(part)
            self.on_points(len(part))
        if not len(found):
            return found
        self.lowest = min(self.lowest, float(found.min()))
        self.highest = max(self.highest, float(found.max()))
        greatest = max(-self.lowest, self.highest) + abs(self.level)
        ties = (found.abs() < TIE * greatest).nonzero().squeeze(1)
        found[ties] = self._settle(index[ties])
        return found

    def _excess(self, rows: Tensor) -> Tensor:
        count = len(rows)
        padded = F.pad(rows, (0, 0, 0, -count % TILE))
        hidden = F.silu(F.embedding_bag(padded, self.rows, mode="sum"), inplace=True)  # [N, width]
        # given a batch, a 1x1 convolution costs half of the matrix product, on some processors a third
        pixels = hidden.view(-1, 1, TILE, hidden.shape[1]).permute(0, 3, 1, 2)
        for weight, bias in self.layers[1:-1]:
            pixels = F.silu(F.conv2d(pixels, weight[:, :, None, None], bias), inplace=True)
        weight, bias = self.layers[-1]
        return torch.mv(pixels.permute(0, 2, 3, 1).flatten(0, 2)[:count], weight[0]) + (bias[0] - self.level)

    def _settle(self, index: Tensor) -> Tensor:
        points = self.axis.double()[index]
        features = sample_planes(self.planes.double()[None], points[None])[0]
        raw = decode(self.model.decoder.weights(torch.float64), features)[:, 0]
        return (raw - self.level).float()

    def _rows(self) -> Tensor:
        channels, height, width = self.planes.shape[1:]
        weight, bias = self.layers[0]
        columns, rows = interpolation(self.axis, width), interpolation(self.axis, height)
        laid = torch.empty(3, len(columns), len(rows), len(weight), device=self.device)
        for number, plane in enumerate(self.planes):
            part = weight[:, number * channels : (number + 1) * channels]
            folded = torch.einsum("fc,chw->whf", part, plane)  # the decoder's first layer, per texel
            wide = (columns @ folded.flatten(1)).unflatten(1, (height, -1))  # [R, H, F]
            torch.matmul(rows, wide, out=laid[number])
        laid[0] += bias
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
