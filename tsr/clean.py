"""A mesh tidied: floaters removed, holes filled, surface smoothed. Vertex colours are kept."""

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from tsr.errors import CleaningError
from tsr.gltf import vertex_colors
from tsr.parts import part_of_faces, part_volumes

SHRINK, GROW = 0.5, -0.53  # Taubin's lambda and mu: pass band up to 1 / lambda + 1 / mu = 0.11
MOST_STEPS = 40  # pairs of steps at strength 1


def remove_floaters(mesh: trimesh.Trimesh, least_share: float = 0.02) -> trimesh.Trimesh:
    """The mesh without the parts that enclose less than least_share of the volume; the largest stays.

    Cavities are parts too. Raises: CleaningError for a share outside 0 to 1."""
    if not 0 <= least_share <= 1:
        raise CleaningError(f"least_share: {least_share} is not from 0 to 1")
    count, part = part_of_faces(mesh)
    if count < 2:
        return mesh
    volumes = part_volumes(mesh, part, count)
    kept = volumes >= least_share * volumes.sum()
    kept[volumes.argmax()] = True
    return mesh if kept.all() else with_faces(mesh, np.asarray(mesh.faces)[kept[part]])


def with_faces(mesh: trimesh.Trimesh, faces: NDArray[np.int64]) -> trimesh.Trimesh:
    """Only these faces [F, 3], and the vertices that they use."""
    used, renumbered = np.unique(faces, return_inverse=True)
    colors = vertex_colors(mesh)[used]
    return trimesh.Trimesh(
        mesh.vertices[used], renumbered.reshape(-1, 3), vertex_colors=colors, process=False
    )


def fill_holes(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """The mesh with every closed rim filled by a fan around the rim's middle, in the rim's mean colour."""
    rims = boundary_loops(np.asarray(mesh.faces))
    if not rims:
        return mesh
    vertices, colors = np.asarray(mesh.vertices), vertex_colors(mesh)
    middles = np.array([vertices[rim].mean(axis=0) for rim in rims])
    mean_colors = np.array([colors[rim].mean(axis=0).round() for rim in rims]).astype(np.uint8)
    fans = [
        np.stack([np.roll(rim, -1), rim, np.full(len(rim), len(vertices) + number)], axis=1)
        for number, rim in enumerate(rims)
    ]
    return trimesh.Trimesh(
        np.concatenate([vertices, middles]),
        np.concatenate([mesh.faces, *fans]),
        vertex_colors=np.concatenate([colors, mean_colors]),
        process=False,
    )


def boundary_loops(faces: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rims of holes as loops of vertices, in the direction of the faces beside them."""
    count = int(faces.max()) + 1 if len(faces) else 0
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    lonely = ~np.isin(start * count + end, end * count + start)
    leaving: dict[int, list[int]] = {}
    for first, second in zip(start[lonely].tolist(), end[lonely].tolist(), strict=True):
        leaving.setdefault(first, []).append(second)
    loops = []
    while leaving:
        loop = _follow(leaving, next(iter(leaving)))
        if loop is not None:
            loops.append(np.array(loop))
    return loops


def _follow(leaving: dict[int, list[int]], start: int) -> list[int] | None:
    """One loop of edges taken out of leaving; None where the edges end without coming back."""
    loop, here = [start], start
    while here in leaving:
        there = leaving[here].pop()
        if not leaving[here]:
            del leaving[here]
        if there == start:
            return loop if len(loop) > 2 else None
        loop.append(there)
        here = there
    return None


def smooth(mesh: trimesh.Trimesh, strength: float) -> trimesh.Trimesh:
    """Taubin's smoothing (1995), which does not shrink: strength 0 changes nothing, 1 is 40 double steps.

    Afterwards the mesh is scaled about its middle to the volume it had. Raises: CleaningError."""
    if not 0 <= strength <= 1:
        raise CleaningError(f"smoothing: {strength} is not from 0 to 1")
    mean = neighbour_mean(np.asarray(mesh.faces), len(mesh.vertices))
    places = np.asarray(mesh.vertices, dtype=np.float64)
    for _ in range(round(strength * MOST_STEPS)):
        for factor in (SHRINK, GROW):
            places = places + factor * (mean @ places - places)
    smoothed = trimesh.Trimesh(places, mesh.faces, vertex_colors=vertex_colors(mesh), process=False)
    if mesh.volume > 0 and smoothed.volume > 0:
        middle = smoothed.bounds.mean(axis=0)
        scale = (mesh.volume / smoothed.volume) ** (1 / 3)
        smoothed.vertices = middle + (smoothed.vertices - middle) * scale
    return smoothed


def neighbour_mean(faces: NDArray[np.int64], count: int) -> csr_array:
    """The matrix [count, count] that takes each vertex to the mean of its neighbours."""
    first, second = faces[:, [0, 1, 2, 1, 2, 0]].ravel(), faces[:, [1, 2, 0, 0, 1, 2]].ravel()
    edges = coo_array((np.ones(len(first)), (first, second)), shape=(count, count)).tocsr()
    edges.data[:] = 1.0  # an edge of two faces counts once
    degree = np.asarray(edges.sum(axis=1)).ravel()
    alone = np.flatnonzero(degree == 0)  # a vertex without faces stays where it is
    edges = edges + coo_array((np.ones(len(alone)), (alone, alone)), shape=edges.shape).tocsr()
    edges.data /= np.repeat(np.maximum(degree, 1), np.diff(edges.indptr))
    return edges
