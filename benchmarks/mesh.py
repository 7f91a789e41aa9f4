"""Scene code to surface, ours beside the published way: python -m benchmarks.mesh [--json FILE]"""

import argparse
import json
import platform
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from skimage.measure import marching_cubes
from torch import Tensor

from tests.tsr.shapes import grid_excess, scene
from tsr import TSR
from tsr.contour import contour
from tsr.isosurface import coarse_to_fine

THRESHOLD = 25.0
PUBLISHED_CHUNK = 8192
MOST_REFERENCE_POINTS = 256**3  # beyond, the reference is timed on a part and scaled up


@dataclass(frozen=True)
class Row:
    """One resolution: seconds from scene code to vertices and faces."""

    resolution: int
    reference_s: float
    reference_part: float  # of the points that were timed
    ours_s: float
    ratio: float
    points_asked: int
    points_of_grid: int
    same_inside_set: bool | None
    peak_mib: float  # above the process before it


def main() -> None:
    options = parse()
    rows = [measure(resolution, options.repeat) for resolution in options.resolutions]
    print(
        f"{'grid':>5} {'published':>10} {'ours':>8} {'ratio':>7} {'asked':>8} {'inside set':>11} {'peak':>9}"
    )
    for row in rows:
        inside = {True: "the same", False: "DIFFERS", None: "not asked"}[row.same_inside_set]
        asked = f"{row.points_asked / row.points_of_grid:.1%}"
        print(
            f"{row.resolution:>5} {row.reference_s:>8.2f} s {row.ours_s:>6.3f} s {row.ratio:>6.1f}x"
            f" {asked:>8} {inside:>11} {row.peak_mib:>5.0f} MiB"
        )
    machine = {"threads": torch.get_num_threads(), "machine": platform.machine(), "torch": torch.__version__}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(machine | {"rows": [asdict(row) for row in rows]}, indent=1))
    print(f"written: {options.json}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolutions", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the middle one counts")
    parser.add_argument("--json", type=Path, default=Path("data/benchmarks/mesh.json"))
    return parser.parse_args()


@torch.no_grad()
def measure(resolution: int, repeat: int) -> Row:
    """Ours first, so that the process's peak memory is ours."""
    model, code = scene()
    ours(model, code, 32)
    before = peak_mib()
    runs = [ours(model, code, resolution) for _ in range(repeat)]
    seconds = sorted(run[0] for run in runs)[repeat // 2]
    peak = peak_mib() - before
    reference_s, part, inside = reference(model, code, resolution)
    same = None if part < 1 else bool(np.array_equal(runs[0][2], inside))
    ratio = reference_s / seconds
    return Row(resolution, reference_s, part, seconds, ratio, runs[0][1], resolution**3, same, peak)


def ours(model: TSR, code: Tensor, resolution: int) -> tuple[float, int, np.ndarray]:
    """Seconds, points asked, inside set (laid out after the clock has stopped)."""
    asked: list[int] = []
    start = time.perf_counter()
    field = grid_excess(model, code, resolution, asked.append)
    surface = coarse_to_fine(field)
    contour(surface, field, THRESHOLD)
    seconds = time.perf_counter() - start
    return seconds, sum(asked), (surface.dense() > 0).numpy() if resolution <= 256 else np.empty(0)


def reference(model: TSR, code: Tensor, resolution: int) -> tuple[float, float, np.ndarray]:
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
        marching_cubes(density.numpy(), THRESHOLD, gradient_direction="ascent")  # type: ignore[no-untyped-call]
    return (time.perf_counter() - start) / part, part, (density > THRESHOLD).numpy()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
