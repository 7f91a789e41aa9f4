"""Pictures of a finished mesh: its colours or texture under a soft light that turns with the camera."""

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.visual import TextureVisuals

from tsr.gltf import texture_of, unit_normals, vertex_colors
from tsr.raster import interpolate, rasterise
from tsr.viewpoint import Viewpoint

LIGHT = np.array([-0.35, 0.55, 0.76])  # towards the light: to the camera's right, up, to the camera
AMBIENT = 0.45
SAMPLES = 2  # a side of a pixel

Floats = NDArray[np.float32]


class Studio:
    """A mesh in TripoSR's frame, made ready to be drawn from many sides."""

    def __init__(self, mesh: trimesh.Trimesh) -> None:
        """Raises: ValueError for a mesh without faces."""
        if not len(mesh.faces):
            raise ValueError("mesh: 0 faces, at least 1 is needed")
        self.vertices = np.asarray(mesh.vertices, dtype=np.float32)
        self.faces = np.asarray(mesh.faces, dtype=np.int32)
        self.normals = unit_normals(mesh)
        self.texture: NDArray[np.uint8] | None = None
        if isinstance(mesh.visual, TextureVisuals):
            self.texture = np.asarray(texture_of(mesh).convert("RGB"))
            self.colors = np.asarray(mesh.visual.uv, dtype=np.float32)
        else:
            self.colors = vertex_colors(mesh)[:, :3].astype(np.float32)

    def draw(self, view: Viewpoint, size: int) -> NDArray[np.uint8]:
        """The mesh from a viewpoint, RGBA [size, size, 4] with straight alpha, antialiased."""
        fine = size * SAMPLES
        raster = rasterise(view.project(self.vertices, fine), self.faces, fine, fine)
        base = interpolate(raster, self.faces, self.colors)
        if self.texture is not None:
            base = lookup(self.texture, base)
        light = self._light(interpolate(raster, self.faces, self.normals), view)
        picture = np.zeros((fine, fine, 4), np.float32)
        picture[raster.covered, :3] = base * light[:, None]
        picture[raster.covered, 3] = 255
        mean = picture.reshape(size, SAMPLES, size, SAMPLES, 4).mean(axis=(1, 3))
        mean[..., :3] /= np.maximum(mean[..., 3:] / 255, 1e-6)
        return np.asarray(np.clip(mean.round(), 0, 255), dtype=np.uint8)

    def _light(self, normals: Floats, view: Viewpoint) -> Floats:
        """How bright [N] a surface with these normals [N, 3] is: half Lambert, soft in the shadow."""
        direction = (LIGHT / np.linalg.norm(LIGHT)) @ view.axes
        cosine = normals @ direction.astype(np.float32) / np.maximum(np.linalg.norm(normals, axis=1), 1e-6)
        return np.asarray(AMBIENT + (1.08 - AMBIENT) * (0.5 + 0.5 * cosine) ** 1.5, dtype=np.float32)


def preview(mesh: trimesh.Trimesh, size: int = 512) -> Image.Image:
    """The mesh, in TripoSR's frame, from a little right of and above the photo's side: RGBA, size squared."""
    return Image.fromarray(Studio(mesh).draw(Viewpoint(25.0, 15.0), size))


def lookup(texture: NDArray[np.uint8], uv: Floats) -> Floats:
    """Bilinear colours [N, C] of a texture [H, W, C] at uv [N, 2], v running up as trimesh has it."""
    height, width = texture.shape[:2]
    return bilinear(texture, uv[:, 0] * width, (1 - uv[:, 1]) * height)


def bilinear(image: NDArray[np.generic], columns: Floats, rows: Floats) -> Floats:
    """Colours [N, C] of an image [H, W, C] at places whose pixel centres are at .5, the border going on."""
    height, width = image.shape[:2]
    x, y = np.clip(columns - 0.5, 0, width - 1), np.clip(rows - 0.5, 0, height - 1)
    left, top = x.astype(np.int32), y.astype(np.int32)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = (x - left)[:, None].astype(np.float32), (y - top)[:, None].astype(np.float32)
    upper = image[top, left] * (1 - across) + image[top, right] * across
    lower = image[bottom, left] * (1 - across) + image[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)
