"""A mesh turned or scaled without losing what trimesh keeps beside its vertices."""

import numpy as np
import trimesh
from numpy.typing import NDArray


def turned(mesh: trimesh.Trimesh, turn: NDArray[np.float64], scale: float = 1.0) -> trimesh.Trimesh:
    """The mesh with vertices scale * turn @ vertex, its normals turned (turn is a rotation [3, 3]).

    Normals are handed on, as a textured mesh has those from before its seams were cut."""
    return trimesh.Trimesh(
        mesh.vertices @ turn.T * scale,
        mesh.faces,
        vertex_normals=mesh.vertex_normals @ turn.T,
        visual=None if mesh.visual is None else mesh.visual.copy(),
        process=False,
    )
