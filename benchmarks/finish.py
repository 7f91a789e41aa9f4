"""Texture and turntable of the recorded scene, ours beside the published way: python -m benchmarks.finish"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.table import options, watch_peak, write
from tests.tsr.shapes import scene
from tsr import TSR, Scene
from tsr.decimate import Isosurface, decimate
from tsr.texture import MOST_FACES, bake
from tsr.turntable import write_turntable

PUBLISHED_CHUNK = 8192
RESOLUTION, THRESHOLD = 256, 25.0
TEXTURE_SIZE, VIEWS, VIEW_SIZE = 1024, 30, 256
REFERENCE_POINTS = 2**20  # the reference is timed on these and scaled up


@dataclass(frozen=True)
class Row:
    """One piece of work: ours beside the points that the published way asks, in the same run."""

    work: str
    reference_s: float
    reference_points: int
    ours_s: float
    ratio: float
    limit_s: float
    peak_mib: float  # above the process before it

    @property
    def note(self) -> str:
        """For the table."""
        return "published: a part, scaled"


def main() -> None:
    given = options(__doc__, "finish")
    write(given.json, measure(given.repeat))


def measure(repeat: int) -> list[Row]:
    """The rows texture and turntable. The first run compiles or loads what is kept, and is not counted."""
    model, code = scene()
    asked = Scene(model, code)
    mesh = asked.surface(RESOLUTION, THRESHOLD)
    field = Isosurface(asked.raw_density, asked.colors, asked.level(THRESHOLD))

    def texture() -> None:
        bake(decimate(mesh, MOST_FACES, field), asked.colors, TEXTURE_SIZE)

    def turntable() -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_turntable(mesh, Path(folder) / "turntable.mp4", VIEWS, VIEW_SIZE)

    per_point = reference(model, code)
    texels, samples = TEXTURE_SIZE**2, VIEWS * VIEW_SIZE**2 * model.config.samples_per_ray
    return [
        row("texture 1024, decimated", per_point, texels, texture, 3.0, repeat),
        row("turntable, 30 views of 256", per_point, samples, turntable, 6.0, repeat),
    ]


def row(
    work: str, per_point: float, points: int, ours: Callable[[], None], limit_s: float, repeat: int
) -> Row:
    """Ours timed, beside a reference of so many points, each per_point seconds."""
    peak = watch_peak()
    runs = [timed(ours) for _ in range(repeat + 1)][1:]
    seconds = sorted(runs)[repeat // 2]
    reference_s = per_point * points
    return Row(work, reference_s, points, seconds, reference_s / seconds, limit_s, peak())


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@torch.no_grad()
def reference(model: TSR, code: torch.Tensor) -> float:
    """Seconds a point of the published lookup and decoder: grid_sample, MLP, chunks of 8,192, float32."""
    generator = torch.Generator().manual_seed(0)
    radius = model.config.radius
    points = (torch.rand(REFERENCE_POINTS, 3, generator=generator) * 2 - 1) * radius
    runs = []
    for _ in range(3):
        start = time.perf_counter()
        for chunk in points.split(PUBLISHED_CHUNK):
            model.query(code, chunk)
        runs.append(time.perf_counter() - start)
    return float(np.median(runs)) / REFERENCE_POINTS


if __name__ == "__main__":
    main()
