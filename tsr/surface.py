"""A grid that is known exactly around a surface and by sign elsewhere."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from tsr.cells import unravel


@dataclass(frozen=True)
class Layer:
    """What one refinement asked: values [K] at the places index [K], flat, of a lattice of side^3 points."""

    side: int
    index: Tensor
    values: Tensor


@dataclass(frozen=True)
class Surface:
    """Excess over a level on a grid of resolution^3: a whole coarse lattice, finer layers around 0."""

    resolution: int
    coarse: Tensor  # [n, n, n]
    layers: tuple[Layer, ...] = ()
    cells: Tensor | None = None  # the last layer's opened cells [M, 3]

    def dense(self) -> Tensor:
        """The whole grid [R, R, R]."""
        return self._values(None)[0]

    def patch(self) -> tuple[Tensor, Tensor]:
        """The box of the grid that holds the surface [X, Y, Z], and the grid point of its start [3]."""
        if self.cells is None or not len(self.cells):
            return self._values(None)
        return self._values((self.cells.amin(0), self.cells.amax(0) + 1))

    def _values(self, box: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor]:
        values = self.coarse
        start = torch.zeros(3, dtype=torch.long, device=values.device)
        for layer in self.layers[:-1]:
            values = double(values)
            values.view(-1)[layer.index] = layer.values
        if self.layers:
            if box is not None:
                start, ends = box[0], (box[1] + 1).tolist()
                values = values[tuple(slice(a, b) for a, b in zip(start.tolist(), ends, strict=True))]
            values, start = double(values), 2 * start
            self._lay(values, start)
        sizes = (self.resolution - start).tolist()  # the lattice may end one point after the grid
        return values[: sizes[0], : sizes[1], : sizes[2]], start

    def _lay(self, values: Tensor, start: Tensor) -> None:
        last = self.layers[-1]
        x, y, z = (unravel(last.index, last.side) - start).unbind(1)
        values[x, y, z] = last.values


def double(values: Tensor) -> Tensor:
    """A lattice of half the step, [n, m, k] -> [2 n - 1, ...]; points between take the value below."""
    sizes = [2 * size - 1 for size in values.shape]
    return F.interpolate(values[None, None], sizes, mode="nearest")[0, 0]
