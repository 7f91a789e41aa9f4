"""The picture that a mesh was made of, laid back onto the side that it shows.

The network reads the object framed in a square as view 0 of TripoSR's camera sees it: azimuth 0, distance
1.9, fov 40 degrees, elevation unknown. A surface point's pixel is therefore where that camera projects it,
up to a scale and a shift that are fitted by comparing the mesh's outline with the picture's alpha.
"""

from dataclasses import dataclass, replace

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt

from tsr.errors import PhotoError
from tsr.preview import bilinear
from tsr.raster import rasterise
from tsr.viewpoint import Viewpoint

LEAST_OVERLAP = 0.7  # intersection over union of the outlines
FIT_SIZE = 192
ELEVATIONS_DEG = (0.0, 10.0, 20.0, 30.0, -10.0)
VIEW_SIZE = 768  # pixels a side of the depth picture that tells what is hidden
FEATHER = 8.0  # pixels of it over which an edge fades
SLOPE_NONE, SLOPE_ALL = 0.2, 0.6  # cosine to the camera: below the first no photo, from the second all
NEARNESS_STEP = 0.012  # relative; a jump this great is an edge

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Photo:
    """The object in the square that the network read: straight RGBA [S, S, 4] at the picture's own pixels."""

    pixels: NDArray[np.uint8]

    @classmethod
    def framed(cls, cutout: Image.Image, foreground_ratio: float = 0.85, visible: int = 12) -> "Photo":
        """The cut-out's object centred in a square of which its longer side takes foreground_ratio.

        Raises: PhotoError where no alpha is above visible."""
        rgba = np.asarray(cutout.convert("RGBA"))
        rows, columns = (np.flatnonzero((rgba[..., 3] > visible).any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            raise PhotoError("photo: nothing in it is visible")
        part = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = part.shape[:2]
        side = max(int(max(height, width) / foreground_ratio), height, width)
        square = np.zeros((side, side, 4), np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = part
        return cls(square)

    def aligned(self, mesh: trimesh.Trimesh) -> "SeenPhoto":
        """The photo with where it lies on the mesh. Raises: PhotoError where the outlines differ too much."""
        alpha = Image.fromarray(self.pixels[..., 3]).resize((FIT_SIZE, FIT_SIZE), Image.Resampling.BOX)
        outline = np.asarray(alpha) > 127
        if not outline.any():
            raise PhotoError("photo: nothing in it is opaque")
        best: Fit | None = None
        for elevation in ELEVATIONS_DEG:
            found = fit(mesh, Viewpoint(0.0, elevation), outline)
            if best is None or found.overlap > best.overlap + 0.01:
                best = found
        if best is None or best.overlap < LEAST_OVERLAP:
            overlap = best.overlap if best else 0.0
            raise PhotoError(
                f"its outline and the mesh's overlap by {overlap:.1%}, {LEAST_OVERLAP:.0%} is needed"
            )
        return SeenPhoto(self.pixels, best, seen_share(mesh, best.view))


@dataclass(frozen=True)
class Fit:
    """A place p projected into the unit square is in the photo at scale * (p - 0.5) + 0.5 + shift."""

    view: Viewpoint
    scale: float
    shift: tuple[float, float]  # to the right, down
    overlap: float  # intersection over union of the outlines


def fit(mesh: trimesh.Trimesh, view: Viewpoint, outline: NDArray[np.bool_]) -> Fit:
    """Scale and shift that lay the mesh's outline on the photo's [S, S]: from their boxes, then refined."""
    mask = silhouette(mesh, view, len(outline))
    if not mask.any():
        return Fit(view, 1.0, (0.0, 0.0), 0.0)
    (low, high), (low_photo, high_photo) = box(mask), box(outline)
    scale = float(np.sqrt(np.prod(high_photo - low_photo) / np.prod(high - low)))
    shift = (low_photo + high_photo) / 2 - 0.5 - scale * ((low + high) / 2 - 0.5)
    plain = Fit(view, 1.0, (0.0, 0.0), overlap(mask, outline, 1.0, np.zeros(2)))
    best = Fit(view, scale, (float(shift[0]), float(shift[1])), overlap(mask, outline, scale, shift))
    best = max(plain, best, key=lambda each: each.overlap)
    for step in (0.02, 0.01, 0.005):
        best = _refined(mask, outline, best, step)
    return best


def _refined(mask: NDArray[np.bool_], outline: NDArray[np.bool_], start: Fit, step: float) -> Fit:
    """The best fit that steps of scale and shift reach from a start, one at a time."""
    best, going = start, True
    moves = [(sign * step * (axis == 0), sign * step * (axis == 1), sign * step * (axis == 2))
             for axis in range(3) for sign in (1, -1)]  # fmt: skip
    while going:
        going = False
        for wider, right, down in moves:
            scale, shift = best.scale + wider, (best.shift[0] + right, best.shift[1] + down)
            found = overlap(mask, outline, scale, np.array(shift))
            if found > best.overlap + 1e-6:
                best, going = replace(best, scale=scale, shift=shift, overlap=found), True
    return best


def silhouette(mesh: trimesh.Trimesh, view: Viewpoint, size: int) -> NDArray[np.bool_]:
    """The pixels [size, size] that the mesh covers."""
    corners = view.project(np.asarray(mesh.vertices), size)
    return rasterise(corners, np.asarray(mesh.faces, np.int32), size, size).covered


def box(mask: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest (column, row) of a mask, as shares of its side."""
    rows, columns = np.nonzero(mask)
    size = len(mask)
    return np.array([columns.min(), rows.min()]) / size, np.array(
        [columns.max(), rows.max()]
    ) / size + 1 / size


def overlap(
    mask: NDArray[np.bool_], outline: NDArray[np.bool_], scale: float, shift: NDArray[np.float64]
) -> float:
    """Intersection over union of the photo's outline and the mesh's mask, scaled and shifted onto it."""
    size = len(outline)
    centres = (np.arange(size) + 0.5) / size - 0.5
    columns = np.floor(((centres - shift[0]) / scale + 0.5) * size).astype(int)
    rows = np.floor(((centres - shift[1]) / scale + 0.5) * size).astype(int)
    inside = ((rows >= 0) & (rows < size))[:, None] & ((columns >= 0) & (columns < size))
    moved = mask[np.clip(rows, 0, size - 1)[:, None], np.clip(columns, 0, size - 1)] & inside
    return float((moved & outline).sum() / max((moved | outline).sum(), 1))


def seen_share(mesh: trimesh.Trimesh, view: Viewpoint) -> Floats:
    """Nearness [S, S] and how far from an edge a pixel is (0 at it, 1 from FEATHER pixels on): [S, S, 2]."""
    corners = view.project(np.asarray(mesh.vertices), VIEW_SIZE)
    near = rasterise(corners, np.asarray(mesh.faces, np.int32), VIEW_SIZE, VIEW_SIZE).nearness
    inner = near > 0
    for axis in (0, 1):
        for step in (1, -1):
            beside = np.roll(near, step, axis)
            inner &= np.abs(beside - near) < NEARNESS_STEP * np.maximum(near, 1e-6)
    distance = np.asarray(distance_transform_edt(inner), np.float32)
    return np.stack([near, np.clip(distance / FEATHER, 0, 1)], axis=-1)


@dataclass(frozen=True)
class SeenPhoto:
    """A photo laid on its mesh."""

    pixels: NDArray[np.uint8]
    fit: Fit
    seen: Floats  # of seen_share

    def over(self, colors: NDArray[np.uint8], points: Floats, normals: Floats) -> NDArray[np.uint8]:
        """Colours [N, 3], the photo laid over them where it sees the surface at points, normals [N, 3]."""
        places = self.fit.view.project(points, 1)
        size = len(self.pixels)
        wanted = self.fit.scale * (places[:, :2] - 0.5) + 0.5 + np.asarray(self.fit.shift, np.float32)
        rgba = bilinear(self.pixels, wanted[:, 0] * size, wanted[:, 1] * size)
        inside = ((wanted >= 0) & (wanted <= 1)).all(axis=1)
        opaque = np.clip((rgba[:, 3] / 255 - 0.8) / 0.2, 0, 1)
        share = (self._visible(places) * self._facing(points, normals) * opaque * inside)[:, None]
        return np.clip(colors * (1 - share) + rgba[:, :3] * share, 0, 255).round().astype(np.uint8)

    def _visible(self, places: Floats) -> Floats:
        """0 for what something nearer hides, fading towards edges, 1 inside: [N]."""
        found = bilinear(self.seen, places[:, 0] * VIEW_SIZE, places[:, 1] * VIEW_SIZE)
        front = places[:, 2] > found[:, 0] * (1 - NEARNESS_STEP)
        return np.where(front, found[:, 1], 0).astype(np.float32)

    def _facing(self, points: Floats, normals: Floats) -> Floats:
        """0 for a surface that is edge-on to the camera or turned away, 1 for one that faces it: [N]."""
        view = self.fit.view
        rays = view.axes[2] * view.distance - points
        cosine = np.einsum("nd,nd->n", rays, normals) / np.maximum(
            np.linalg.norm(rays, axis=1) * np.linalg.norm(normals, axis=1), 1e-9
        )
        ramp = np.clip((cosine - SLOPE_NONE) / (SLOPE_ALL - SLOPE_NONE), 0, 1)
        return np.asarray(ramp * ramp * (3 - 2 * ramp), dtype=np.float32)
