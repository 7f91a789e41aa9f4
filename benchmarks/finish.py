"""Texture and turntable of the recorded scene, ours beside the published way: python -m benchmarks.finish"""

import argparse
import json
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the middle one counts")
    parser.add_argument("--json", type=Path, default=Path("data/benchmarks/finish.json"))
    options = parser.parse_args()
    rows = measure(options.repeat)
    print(f"{'work':<28} {'published':>10} {'ours':>8} {'ratio':>7} {'limit':>7} {'peak':>9}")
    for row in rows:
        print(
            f"{row.work:<28} {row.reference_s:>8.2f} s {row.ours_s:>6.2f} s {row.ratio:>6.1f}x"
            f" {row.limit_s:>5.1f} s {row.peak_mib:>5.0f} MiB"
        )
    machine = {"threads": torch.get_num_threads(), "machine": platform.machine(), "torch": torch.__version__}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(machine | {"rows": [asdict(row) for row in rows]}, indent=1))
    print(f"written: {options.json}")


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
    before = peak_mib()
    runs = [timed(ours) for _ in range(repeat + 1)][1:]
    seconds = sorted(runs)[repeat // 2]
    reference_s = per_point * points
    return Row(work, reference_s, points, seconds, reference_s / seconds, limit_s, peak_mib() - before)


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


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
