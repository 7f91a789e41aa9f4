"""A mesh of fewer faces that still lies on its isosurface."""

from collections.abc import Callable
from dataclasses import dataclass

import fast_simplification
import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tsr.errors import CleaningError
from tsr.gltf import vertex_colors

LEAST_FACES, MOST_FACES = 100, 1_000_000
NEWTON_STEPS = 2

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Isosurface:
    """Where raw_density(points [N, 3]) -> [N] equals level, with colors(points) -> sRGB bytes [N, 3]."""

    raw_density: Callable[[Points], NDArray[np.float32]]
    colors: Callable[[Points], NDArray[np.uint8]]
    level: float


def decimate(mesh: trimesh.Trimesh, target_faces: int, field: Isosurface | None = None) -> trimesh.Trimesh:
    """At most about target_faces faces, by quadric error (Garland and Heckbert 1997).

    With a field the vertices are pulled back to its surface and take its colours there, else those of the
    nearest vertex before. A mesh that is small enough is returned as it is. Raises: CleaningError."""
    if not LEAST_FACES <= target_faces <= MOST_FACES:
        raise CleaningError(f"target_faces: {target_faces} is not from {LEAST_FACES} to {MOST_FACES}")
    if len(mesh.faces) <= target_faces:
        return mesh
    before = np.asarray(mesh.vertices, dtype=np.float32)
    vertices, faces = fast_simplification.simplify(
        before, np.asarray(mesh.faces, dtype=np.int32), target_count=target_faces
    )
    vertices, faces = unfolded(np.asarray(vertices, dtype=np.float32), np.asarray(faces))
    if field is None:
        colors = vertex_colors(mesh)[cKDTree(before).query(vertices)[1]]
    else:
        vertices = pull_back(trimesh.Trimesh(vertices, faces, process=False), field)
        colors = field.colors(vertices)
    return trimesh.Trimesh(vertices, faces, vertex_colors=colors, process=False)


def unfolded(vertices: Points, faces: NDArray[np.int32]) -> tuple[Points, NDArray[np.int32]]:
    """Without pairs of faces [F, 3] that lie back to back on each other, and vertices that only they used.

    Collapsed edges leave such pairs; they enclose nothing, but an edge of theirs has four faces."""
    turned = np.sign(faces - np.roll(faces, 1, axis=1)).sum(axis=1)  # 1 or -1: which way round
    _, group = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True)
    balance = np.bincount(group.reshape(-1), turned)
    used, renumbered = np.unique(faces[balance[group.reshape(-1)] != 0], return_inverse=True)
    return vertices[used], renumbered.reshape(-1, 3).astype(np.int32)


def pull_back(mesh: trimesh.Trimesh, field: Isosurface) -> Points:
    """The vertices [V, 3] moved along their normals to the isosurface by Newton's method.

    A step is at most a quarter of the mean edge, and one that leads further off is not taken."""
    vertices = np.asarray(mesh.vertices, dtype=np.float32)
    normals = np.asarray(mesh.vertex_normals, dtype=np.float32)
    longest = float(mesh.edges_unique_length.mean()) / 4
    nudge = normals * (longest / 16)
    off = field.raw_density(vertices) - field.level
    for _ in range(NEWTON_STEPS):
        slope = (field.raw_density(vertices + nudge) - field.raw_density(vertices - nudge)) / (longest / 8)
        steep = np.abs(slope) > 1e-3
        step = np.clip(np.where(steep, -off / np.where(steep, slope, 1), 0), -longest, longest)
        moved = (vertices + normals * step[:, None]).astype(np.float32)
        off_moved = field.raw_density(moved) - field.level
        better = np.abs(off_moved) < np.abs(off)
        vertices, off = np.where(better[:, None], moved, vertices), np.where(better, off_moved, off)
    return vertices
