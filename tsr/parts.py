"""The connected parts of a mesh."""

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def part_of_faces(mesh: trimesh.Trimesh) -> tuple[int, NDArray[np.int64]]:
    """How many parts share no vertex with another, and the part [F] of every face.

    Vertices at the same place count as one, so that the seams of a texture do not part a mesh."""
    if not len(mesh.faces):
        return 0, np.empty(0, np.int64)
    places, same = np.unique(np.asarray(mesh.vertices), axis=0, return_inverse=True)
    corners = same.reshape(-1)[mesh.faces]
    first, second = corners[:, [0, 1]].ravel(), corners[:, [1, 2]].ravel()
    edges = coo_array((np.ones(len(first), bool), (first, second)), shape=(len(places), len(places)))
    _, labels = connected_components(edges, directed=False)
    used, part = np.unique(labels[corners[:, 0]], return_inverse=True)
    return len(used), part.reshape(-1)


def part_volumes(mesh: trimesh.Trimesh, part: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """The volume [count] that every part encloses, without sign: a cavity counts as its own size."""
    centred = np.asarray(mesh.triangles) - mesh.bounds.mean(axis=0)
    tetrahedra = np.einsum("nd,nd->n", centred[:, 0], np.cross(centred[:, 1], centred[:, 2])) / 6
    return np.abs(np.bincount(part, tetrahedra, count))


def weld(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """The shape alone, with one vertex at every place, as it was before a texture's seams cut it."""
    places, same = np.unique(np.asarray(mesh.vertices), axis=0, return_inverse=True)
    return trimesh.Trimesh(places, same.reshape(-1)[mesh.faces], process=False)
