"""A mesh's colours as a texture, asked at the texels that its faces cover."""

from collections.abc import Callable

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from tsr.errors import RoomError, TextureError
from tsr.photo import Photo
from tsr.raster import Raster, interpolate, rasterise, spread
from tsr.unwrap import unwrap

SIZES = (512, 1024, 2048, 4096)
MOST_FACES = 12_000  # unwrapping time grows faster than the faces do: decimate to these before
LAYOUT = 1024  # charts are laid out for this size and scaled: packing for 4096 takes ten times as long
PADDING = 4  # texels between charts then
BYTES_PER_TEXEL = 60  # at the greatest: raster, points, colours and their float copies

ColorsAt = Callable[[NDArray[np.float32]], NDArray[np.uint8]]


def bake(
    mesh: trimesh.Trimesh, colors_at: ColorsAt, size: int = 1024, photo: Photo | None = None
) -> trimesh.Trimesh:
    """The mesh, in TripoSR's frame, with a texture of size^2 texels in place of vertex colours.

    colors_at(points [N, 3]) -> sRGB bytes [N, 3] is asked at covered texels only; where the photo sees the
    surface its own pixels are taken. Normals are those of the mesh before its seams are cut.
    Raises: TextureError for an unknown size, RoomError without memory for it, PhotoError for a photo that
    does not fit."""
    if size not in SIZES:
        raise TextureError(f"texture size: {size} is none of {', '.join(map(str, SIZES))}")
    if not len(mesh.faces):
        raise TextureError("mesh: 0 faces, at least 1 is needed")
    seen = photo.aligned(mesh) if photo else None
    flat = unwrap(mesh, LAYOUT, PADDING)
    vertices = np.asarray(mesh.vertices, np.float32)[flat.source]
    normals = np.asarray(mesh.vertex_normals, np.float32)[flat.source]
    try:
        raster = _lay_out(flat.uv, flat.faces, size)
        points = interpolate(raster, flat.faces, vertices)
        colors = colors_at(points)
        if seen:
            colors = seen.over(colors, points, interpolate(raster, flat.faces, normals))
        image = _paint(raster, colors, PADDING * size // LAYOUT)
    except MemoryError as error:
        room = size**2 * BYTES_PER_TEXEL // 2**20
        raise RoomError(f"texture size: {size} needs about {room} MiB, and they are not free") from error
    material = PBRMaterial(baseColorTexture=image, metallicFactor=0.0, roughnessFactor=1.0)
    visual = TextureVisuals(uv=flat.uv, material=material)
    return trimesh.Trimesh(vertices, flat.faces, vertex_normals=normals, visual=visual, process=False)


def _lay_out(uv: NDArray[np.float32], faces: NDArray[np.int32], size: int) -> Raster:
    """Which face each texel shows; v runs up, as trimesh has it."""
    corners = np.column_stack([uv[:, 0] * size, (1 - uv[:, 1]) * size, np.ones(len(uv), np.float32)])
    return rasterise(corners.astype(np.float32), faces, size, size)


def _paint(raster: Raster, colors: NDArray[np.uint8], padding: int) -> Image.Image:
    """The texture, its charts grown by padding texels so that no filter mixes the ground in."""
    covered = raster.covered
    texels = np.empty((*covered.shape, 3), np.uint8)
    texels[:] = colors.mean(axis=0).round().astype(np.uint8)
    texels[covered] = colors
    spread(texels, covered, padding)
    return Image.fromarray(texels)
