"""A scene code with its network: all that a mesh, a texture or a slider asks of it."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tsr.contour import contour
from tsr.errors import PointsError, ResolutionError, SceneCodeError, ThresholdError
from tsr.folding import first_layer, fold, remaining_layers
from tsr.gridfield import CHUNK, MOST_KEPT, Excess, GridField
from tsr.isosurface import coarse_to_fine, coarsest, everything
from tsr.network import TSR
from tsr.progress import Counter, Progress
from tsr.surface import Surface
from tsr.triplane import Layers

LEAST_RESOLUTION = 16
MOST_RESOLUTION = 512

Points = NDArray[np.float32]


class Scene:
    """One scene code, made ready to be asked again and again.

    It keeps the decoder's first layer folded into the planes, and for a grid of up to MOST_KEPT points a
    side every answer, so that a small mesh at another threshold asks little. Not for two threads at once."""

    def __init__(self, model: TSR, scene_code: Tensor) -> None:
        """scene_code [3, C, H, W], of any float type. Raises: SceneCodeError."""
        check_code(scene_code, model.config.plane_channels)
        self.model = model
        self.code = scene_code.detach().float()
        self._layers = model.decoder.weights(torch.float32)
        with torch.no_grad():
            self._folded = fold(self._layers, self.code)
        self._grids: dict[int, GridField] = {}

    def surface(
        self,
        resolution: int = 256,
        threshold: float = 25.0,
        exact: bool = False,
        on_chunk: Progress | None = None,
    ) -> trimesh.Trimesh:
        """Mesh with vertex colours in TripoSR's frame: Z up, the photo's side at +X, in [-radius, radius]^3.

        The surface is where density equals threshold, on resolution^3 points, asked from coarse to fine: a
        separate part that shows at no sample of the coarsest lattice, 1/32 of the box from one to the next
        (1/64 from 498 points a side on), is missed, unless exact, which asks every point. on_chunk(done,
        total) counts points, total being a forecast, and may raise to cancel.
        Raises: ResolutionError, ThresholdError."""
        check_settings(resolution, threshold)
        counter = Counter(on_chunk, _forecast(resolution, exact))
        with torch.no_grad():
            excess = Excess(self._grid(resolution), self.level(threshold), counter.add)
            found = (
                Surface(resolution, everything(excess, 1, resolution)) if exact else coarse_to_fine(excess)
            )
            steps, faces = contour(found, excess, threshold)
        vertices = ((steps / (resolution - 1) * 2 - 1) * self.model.config.radius).astype(np.float32)
        colors = self.colors(vertices, counter.add)
        counter.finish()
        return trimesh.Trimesh(vertices, faces, vertex_colors=colors, process=False)

    @torch.no_grad()
    def raw_density(self, points: Points) -> NDArray[np.float32]:
        """Raw density [N] at points [N, 3] in TripoSR's frame; the surface is at level(threshold)."""
        weight, bias = self._layers[-1]
        layers = [*self._layers[:-1], (weight[:1], bias[:1])]
        parts = [self._decode(layers, part)[:, 0].cpu() for part in self._parts(points)]
        return torch.cat(parts).numpy()

    @torch.no_grad()
    def colors(
        self, points: Points, on_points: Callable[[int], None] = lambda points: None
    ) -> NDArray[np.uint8]:
        """sRGB [N, 3] of the field at points [N, 3] in TripoSR's frame; on_points counts them."""
        weight, bias = self._layers[-1]
        layers = [*self._layers[:-1], (weight[1:], bias[1:])]
        parts = []
        for part in self._parts(points):
            color = torch.sigmoid(self._decode(layers, part))
            parts.append((color * 255).round().to(torch.uint8).cpu())
            on_points(len(part))
        return torch.cat(parts).numpy()

    def density_gradient(self, points: Points) -> NDArray[np.float32]:
        """Change of raw density with place [N, 3], per unit of TripoSR's frame, at points [N, 3]."""
        parts = []
        with torch.inference_mode(False), torch.enable_grad():
            code = self.code.clone()  # autograd refuses what was made in inference mode
            for part in self._parts(points):
                part.requires_grad_()
                raw = self.model.query(code, part).raw_density
                parts.append(torch.autograd.grad(raw.sum(), part)[0].cpu())
        return torch.cat(parts).numpy()

    def level(self, threshold: float) -> float:
        """The raw density at which density equals threshold."""
        return math.log(threshold) - self.model.config.density_bias

    def _parts(self, points: Points) -> Iterator[Tensor]:
        """Chunks of points on the device. Raises: PointsError."""
        if points.ndim != 2 or points.shape[1] != 3:
            raise PointsError(f"points: shape {list(points.shape)} is not [N, 3]")
        wrong = int((~np.isfinite(points)).any(axis=1).sum())
        if wrong:
            raise PointsError(f"points: {wrong} of {len(points)} are NaN or infinite")
        copy = torch.from_numpy(np.array(points, dtype=np.float32))
        return iter(copy.to(self.code.device).split(CHUNK))

    def _decode(self, layers: Layers, points: Tensor) -> Tensor:
        first = first_layer(layers, self._folded, points / self.model.config.radius)
        return remaining_layers(layers, first)

    def _grid(self, resolution: int) -> GridField:
        if resolution in self._grids:
            return self._grids[resolution]
        grid = GridField(self.model, self.code, self._folded, resolution)
        if resolution <= MOST_KEPT:
            self._grids[resolution] = grid
        return grid


def save_scene_code(path: Path, code: Tensor) -> None:
    """Writes a scene code [3, C, H, W] as safetensors in float32, so that it meshes as before.

    Raises: SceneCodeError."""
    check_code(code)
    save_file({"scene_code": code.detach().float().cpu().contiguous()}, path)


def load_scene_code(path: Path) -> Tensor:
    """What save_scene_code wrote, [3, C, H, W] float32. Raises: SceneCodeError."""
    try:
        stored = load_file(path)
    except (SafetensorError, OSError) as error:
        raise SceneCodeError(f"scene code: {path.name} cannot be read: {type(error).__name__}") from error
    if set(stored) != {"scene_code"}:
        raise SceneCodeError(f"scene code: {path.name} holds {sorted(stored)}, not 'scene_code'")
    check_code(stored["scene_code"])
    return stored["scene_code"].float()


def check_code(code: Tensor, channels: int | None = None) -> None:
    """Raises: SceneCodeError for another shape than [3, channels, H, W], NaN or infinity."""
    if code.ndim != 4 or code.shape[0] != 3 or (channels and code.shape[1] != channels):
        expected = f"[3, {channels or 'C'}, H, W]"
        raise SceneCodeError(f"scene code: shape {list(code.shape)} is not {expected}")
    wrong = int((~code.isfinite()).sum())
    if wrong:
        raise SceneCodeError(f"scene code: {wrong} of {code.numel()} values are NaN or infinite")


def check_settings(resolution: int, threshold: float) -> None:
    """Raises: ResolutionError, ThresholdError, with the value and the limit."""
    whole = isinstance(resolution, int) and not isinstance(resolution, bool)
    if not whole or not LEAST_RESOLUTION <= resolution <= MOST_RESOLUTION:
        limits = f"{LEAST_RESOLUTION} to {MOST_RESOLUTION}"
        raise ResolutionError(f"resolution: {resolution!r} is not a whole number from {limits}")
    if not (math.isfinite(threshold) and threshold > 0):
        raise ThresholdError(f"threshold: {threshold!r} is not a number above 0")


def _forecast(resolution: int, exact: bool) -> int:
    first = resolution if exact else coarsest(resolution)[1] + 1
    return int(first**3 + 8 * resolution**2)  # a surface's points grow with the square
