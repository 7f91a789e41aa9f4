"""A scene code's surface as a mesh."""

import math
from collections.abc import Callable

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray
from skimage.measure import marching_cubes
from torch import Tensor

from tsr.errors import ResolutionError, SceneCodeError, ThresholdError
from tsr.gltf import vertex_colors
from tsr.gridfield import GridField
from tsr.isosurface import coarse_to_fine, coarsest, everything
from tsr.network import TSR
from tsr.surface import Surface
from tsr.triplane import decode, sample_planes

LEAST_RESOLUTION = 16
MOST_RESOLUTION = 512
COLORS_AT_ONCE = 16384
GLTF_AXES = [1, 2, 0]  # (X, Y, Z) = (y, z, x): a rotation

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]


@torch.no_grad()
def extract_mesh(
    model: TSR,
    scene_code: Tensor,
    resolution: int = 256,
    threshold: float = 25.0,
    on_chunk: Progress | None = None,
    exact: bool = False,
) -> trimesh.Trimesh:
    """Mesh with vertex colours in TripoSR's frame: Z up, the photo's side at +X, inside [-radius, radius]^3.

    scene_code [3, C, H, W]; the surface is where density equals threshold, on resolution^3 points. exact
    asks every point, so that no small separate part can be missed (see isosurface.py). on_chunk(done, total)
    counts points, total being a forecast, and may raise to cancel.
    Raises: ResolutionError, ThresholdError, SceneCodeError."""
    check(model, scene_code, resolution, threshold)
    counter = Counter(on_chunk, resolution, exact)
    level = math.log(threshold) - model.config.density_bias
    field = GridField(model, scene_code, resolution, level, counter.add)
    surface = Surface(resolution, everything(field, 1, resolution)) if exact else coarse_to_fine(field)
    steps, faces = contour(surface, field, threshold)
    vertices = ((steps / (resolution - 1) * 2 - 1) * model.config.radius).astype(np.float32)
    colors = colors_at(model, scene_code, vertices, counter.add)
    counter.finish()
    return trimesh.Trimesh(vertices, faces, vertex_colors=colors, process=False)


def to_gltf_frame(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """The same mesh with Y up and the photo's side at +Z."""
    colors = vertex_colors(mesh)
    return trimesh.Trimesh(mesh.vertices[:, GLTF_AXES], mesh.faces, vertex_colors=colors, process=False)


def check(model: TSR, scene_code: Tensor, resolution: int, threshold: float) -> None:
    """Raises: ResolutionError, ThresholdError, SceneCodeError, with the value and the limit."""
    whole = isinstance(resolution, int) and not isinstance(resolution, bool)
    if not whole or not LEAST_RESOLUTION <= resolution <= MOST_RESOLUTION:
        limits = f"{LEAST_RESOLUTION} to {MOST_RESOLUTION}"
        raise ResolutionError(f"resolution: {resolution!r} is not a whole number from {limits}")
    if not (math.isfinite(threshold) and threshold > 0):
        raise ThresholdError(f"threshold: {threshold!r} is not a number above 0")
    if scene_code.ndim != 4 or scene_code.shape[:2] != (3, model.config.plane_channels):
        expected = f"[3, {model.config.plane_channels}, H, W]"
        raise SceneCodeError(f"scene code: shape {list(scene_code.shape)} is not {expected}")
    wrong = int((~scene_code.isfinite()).sum())
    if wrong:
        raise SceneCodeError(f"scene code: {wrong} of {scene_code.numel()} values are NaN or infinite")


def contour(surface: Surface, field: GridField, threshold: float) -> tuple[Floats, NDArray[np.int32]]:
    """Vertices [V, 3] in grid steps and faces [F, 3] that look outward, by marching cubes (Lewiner 2003).

    Raises: ThresholdError."""
    values, start = surface.patch()
    inside = values > 0
    if not inside.any() or inside.all():
        found = math.exp(min((field.lowest if inside.all() else field.highest) + math.log(threshold), 700))
        what = "everything is denser; the least" if inside.all() else "nothing is as dense; the greatest"
        raise ThresholdError(f"threshold: at {threshold:g} {what} density found is {found:.4g}")
    volume = values.cpu().numpy()
    # raw density is nearer to linear between grid points than density: vertices land nearer to the level
    vertices, faces, _, _ = marching_cubes(  # type: ignore[no-untyped-call]
        np.ascontiguousarray(volume), 0.0, gradient_direction="ascent"
    )
    return (vertices + start.cpu().numpy()).astype(np.float32), faces


def colors_at(
    model: TSR, scene_code: Tensor, vertices: Floats, on_points: Callable[[int], None]
) -> NDArray[np.uint8]:
    """sRGB colours [V, 3] of the field at points [V, 3]."""
    weights, planes = model.decoder.weights(torch.float32), scene_code.float()[None]
    points = torch.from_numpy(vertices).to(planes.device) / model.config.radius
    parts = []
    for part in points.split(COLORS_AT_ONCE):
        raw = decode(weights, sample_planes(planes, part[None])[0])
        parts.append((torch.sigmoid(raw[:, 1:]) * 255).round().to(torch.uint8).cpu())
        on_points(len(part))
    return torch.cat(parts).numpy()


class Counter:
    """Tells how many points were asked, out of how many will likely be."""

    def __init__(self, on_chunk: Progress | None, resolution: int, exact: bool) -> None:
        self.on_chunk = on_chunk
        self.done = 0
        first = resolution if exact else coarsest(resolution)[1] + 1
        self.expected = first**3 + 8 * resolution**2  # a surface's points grow with the square

    def add(self, points: int) -> None:
        self.done += points
        if self.on_chunk:
            self.on_chunk(self.done, max(self.done, self.expected))

    def finish(self) -> None:
        if self.on_chunk:
            self.on_chunk(self.done, self.done)
