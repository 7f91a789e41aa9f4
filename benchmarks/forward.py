"""Picture to scene code at the published size, random weights: python -m benchmarks.forward [--json FILE]"""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.table import options, watch_peak, write
from models.runtime import has_bf16_instructions
from tests.tsr.shapes import scene
from tsr import TSR, Scene, TSRConfig

RESOLUTION = 256
LEAST_RATIOS = {"float32": 1.3, "bfloat16": 3.0}


@dataclass(frozen=True)
class Row:
    """One precision: seconds for one picture, and what its rounding does to a mesh."""

    work: str
    reference_s: float
    ours_s: float
    ratio: float
    least_ratio: float
    peak_mib: float  # of the process, weights and their making included
    code_error: float  # relative to the reference's scene code
    surface_error: float  # mean distance in voxels at 256, for such an error in the recorded scene's code

    @property
    def note(self) -> str:
        """For the table."""
        return f"scene code off by {self.code_error:.1e}: surface by {self.surface_error:.3f} voxels"


def main() -> None:
    given = options(__doc__, "forward")
    write(given.json, measure(given.repeat))


@torch.no_grad()
def measure(repeat: int, config: TSRConfig | None = None) -> list[Row]:
    """A row per precision; bfloat16, where the processor has its instructions, first: it needs less."""
    config = config or TSRConfig()
    start = torch.rand(1, 3, config.cond_image_size, config.cond_image_size)
    found = {}
    for dtype in (torch.bfloat16, torch.float32) if has_bf16_instructions() else (torch.float32,):
        watched = watch_peak()
        model, picture = build(config).to(dtype), start.to(dtype)
        runs = [timed(model, picture) for _ in range(repeat)]
        found[dtype] = (sorted(run[0] for run in runs)[repeat // 2], runs[0][1], watched())
    reference_s, expected = reference(model, picture)
    rows = []
    for dtype, (seconds, code, peak) in found.items():
        error = float((code - expected).norm() / expected.norm())
        name, ratio = str(dtype).removeprefix("torch."), reference_s / seconds
        least = LEAST_RATIOS[name]
        work = f"network forward, {name}"
        rows.append(Row(work, reference_s, seconds, ratio, least, peak, error, surface_error(error)))
    return rows


def build(config: TSRConfig) -> TSR:
    """The same random weights every time, which ask for no gradients."""
    torch.manual_seed(0)
    return TSR(config).eval().requires_grad_(False)


def timed(model: TSR, picture: Tensor) -> tuple[float, Tensor]:
    """Seconds and scene code."""
    start = time.perf_counter()
    code = model.encode_tensor(picture)
    return time.perf_counter() - start, code.float()


def reference(model: TSR, picture: Tensor) -> tuple[float, Tensor]:
    """Seconds and scene code of plain layers and fused attention in float32, as published.

    Those are what the network uses where gradients are possible; no weight asks for one, so none is kept."""
    with torch.enable_grad():
        return timed(model, picture)


def surface_error(relative: float) -> float:
    """Mean distance in voxels between the recorded scene's surface and that of its code with such noise.

    A vertex lies off by its excess of raw density over the gradient, to first order."""
    model, code = scene()
    exact = Scene(model, code)
    noise = torch.randn(code.shape, generator=torch.Generator().manual_seed(1))
    noisy = Scene(model, code + noise * (relative * code.norm() / noise.norm()))
    vertices = noisy.surface(RESOLUTION).vertices.astype(np.float32)
    slope = np.linalg.norm(exact.density_gradient(vertices), axis=1)
    distance = np.abs(exact.raw_density(vertices) - exact.level(25.0)) / np.maximum(slope, 1e-6)
    return float(distance.mean()) / (2 * model.config.radius / (RESOLUTION - 1))


if __name__ == "__main__":
    main()
