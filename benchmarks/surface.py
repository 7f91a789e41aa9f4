"""Scene code to surface, ours beside the published way: python -m benchmarks.surface [--json FILE]"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.measure import marching_cubes
from torch import Tensor

from benchmarks.table import options, watch_peak, write
from tests.tsr.shapes import grid_excess, scene
from tsr import TSR
from tsr.contour import contour
from tsr.isosurface import coarse_to_fine

THRESHOLD = 25.0
PUBLISHED_CHUNK = 8192
MOST_REFERENCE_POINTS = 256**3  # beyond, the reference is timed on a part and scaled up
LEAST_RATIOS = {256: 30.0, 512: 60.0}


@dataclass(frozen=True)
class Row:
    """One resolution: seconds from scene code to vertices and faces."""

    work: str
    reference_s: float
    reference_part: float  # of the points that were timed
    ours_s: float
    ratio: float
    least_ratio: float
    peak_mib: float  # above the process before it
    points_asked: int
    same_inside_set: bool | None  # None: the whole grid was not asked

    @property
    def note(self) -> str:
        """For the table."""
        inside = {True: "the same inside set", False: "ANOTHER INSIDE SET", None: "published: a part, scaled"}
        return f"{self.points_asked:,} points asked; {inside[self.same_inside_set]}"


def main() -> None:
    given = options(__doc__, "surface")
    write(given.json, measure(given.repeat))


def measure(repeat: int) -> list[Row]:
    """The rows at 256 and 512."""
    return [measure_at(resolution, ratio, repeat) for resolution, ratio in LEAST_RATIOS.items()]


@torch.no_grad()
def measure_at(resolution: int, least_ratio: float, repeat: int) -> Row:
    """Ours, and then the reference."""
    model, code = scene()
    ours(model, code, 32)
    watched = watch_peak()
    runs = [ours(model, code, resolution) for _ in range(repeat)]
    seconds = sorted(run[0] for run in runs)[repeat // 2]
    peak = watched()
    reference_s, part, inside = reference(model, code, resolution)
    same = None
    if part == 1:
        same = bool(np.array_equal(coarse_to_fine(grid_excess(model, code, resolution)).dense() > 0, inside))
    work = f"density to surface at {resolution}"
    return Row(work, reference_s, part, seconds, reference_s / seconds, least_ratio, peak, runs[0][1], same)


def ours(model: TSR, code: Tensor, resolution: int) -> tuple[float, int]:
    """Seconds and points asked."""
    asked: list[int] = []
    start = time.perf_counter()
    excess = grid_excess(model, code, resolution, asked.append)
    contour(coarse_to_fine(excess), excess, THRESHOLD)
    return time.perf_counter() - start, sum(asked)


def reference(model: TSR, code: Tensor, resolution: int) -> tuple[float, float, NDArray[Any]]:
    """Seconds, part of the points timed, inside set, of the dense grid as published.

    Every point: grid_sample in three planes, the whole decoder, exp; in chunks of 8,192, float32."""
    start = time.perf_counter()
    ticks = torch.linspace(0, 1, resolution)
    points = torch.stack(torch.meshgrid(ticks, ticks, ticks, indexing="ij"), dim=-1).view(-1, 3)
    points = points[:MOST_REFERENCE_POINTS]
    radius = model.config.radius
    chunks = [
        model.query(code, chunk * (2 * radius) - radius).density[:, 0]
        for chunk in points.split(PUBLISHED_CHUNK)
    ]
    density = torch.cat(chunks)
    part = len(density) / resolution**3
    if part == 1:
        density = density.view(resolution, resolution, resolution)
        marching_cubes(density.numpy(), THRESHOLD, gradient_direction="ascent")
    return (time.perf_counter() - start) / part, part, (density > THRESHOLD).numpy()


if __name__ == "__main__":
    main()
