"""A mesh's surface laid flat: charts in the unit square, by xatlas."""

from dataclasses import dataclass

import numpy as np
import trimesh
import xatlas
from numpy.typing import NDArray

from tsr.errors import TextureError


@dataclass(frozen=True)
class Unwrapping:
    """Faces [F, 3] over new vertices with uv [V, 2] in [0, 1]; source [V] is the vertex that each one was."""

    source: NDArray[np.int64]
    faces: NDArray[np.int32]
    uv: NDArray[np.float32]


def unwrap(mesh: trimesh.Trimesh, size: int, padding: int) -> Unwrapping:
    """Charts for a texture of size texels a side, at least padding texels apart.

    Raises: TextureError where the charts do not fit into one square."""
    atlas = xatlas.Atlas()
    atlas.add_mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces, np.uint32))
    packing = xatlas.PackOptions()
    packing.resolution, packing.padding, packing.bilinear = size, padding, True
    atlas.generate(xatlas.ChartOptions(), packing)
    if atlas.atlas_count != 1:
        raise TextureError(f"texture: {atlas.atlas_count} squares of {size} texels are needed, 1 is allowed")
    source, faces, uv = atlas[0]
    return Unwrapping(source.astype(np.int64), faces.astype(np.int32), uv.astype(np.float32))
