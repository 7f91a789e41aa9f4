"""A mesh made ready for a 3D printer: one closed solid that stands on a flat base, in millimetres."""

import math
from dataclasses import dataclass

import manifold3d
import numpy as np
import trimesh

from tsr.clean import boundary_loops, fill_holes
from tsr.errors import PrintError
from tsr.gltf import vertex_colors
from tsr.parts import part_of_faces, weld

LEAST_MM, MOST_MM = 5.0, 2000.0
PLA_G_CM3 = 1.24
BASE_SHARE = 0.02  # of the height, cut off to stand on
NEAR_SHARE = 2e-6  # of the height: what is nearer than that is one place to many programs


@dataclass(frozen=True)
class Print:
    """What would be printed. The mesh is in millimetres, Z up, its base at Z 0, the photo's side at +X.

    Its coordinates are float32's, as STL has them."""

    mesh: trimesh.Trimesh
    watertight: bool
    verdict: str  # one sentence for the user
    volume_cm3: float | None  # None where the mesh is not watertight
    mass_g: float | None
    size_mm: tuple[float, float, float]


def printable(
    mesh: trimesh.Trimesh, height_mm: float, density_g_cm3: float = PLA_G_CM3, flat_base: bool = True
) -> Print:
    """A mesh in TripoSR's frame as one solid, height_mm tall: holes filled, overlaps united, bottom cut flat.

    A shape that cannot be closed comes back as it is, scaled, and the verdict says why.
    Raises: PrintError for a height or density out of range, or a mesh without faces."""
    if not LEAST_MM <= height_mm <= MOST_MM:
        raise PrintError(f"print height: {height_mm} mm is not from {LEAST_MM:g} to {MOST_MM:g} mm")
    if not (math.isfinite(density_g_cm3) and density_g_cm3 > 0):
        raise PrintError(f"density: {density_g_cm3} g/cm3 is not above 0")
    if not len(mesh.faces) or np.ptp(mesh.vertices[:, 2]) <= 0:
        raise PrintError(f"print: a mesh of {len(mesh.faces)} faces without height cannot be printed")
    shape = fill_holes(_plain(mesh))
    solid = manifold3d.Manifold(_as_manifold(shape))
    if solid.status() != manifold3d.Error.NoError or solid.is_empty():
        return _open_print(shape, height_mm)
    solid, cavities = _united(solid)
    if flat_base:
        low, high = solid.bounding_box()[2], solid.bounding_box()[5]
        solid = solid.trim_by_plane((0.0, 0.0, 1.0), low + BASE_SHARE * (high - low))
    return _solid_print(_apart(_placed_solid(solid, height_mm), height_mm), density_g_cm3, cavities)


def _plain(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """The shape in grey, without a texture's seams."""
    shape = weld(mesh) if isinstance(mesh.visual, trimesh.visual.TextureVisuals) else mesh
    return trimesh.Trimesh(shape.vertices, shape.faces, vertex_colors=[128, 128, 128, 255], process=False)


def _as_manifold(mesh: trimesh.Trimesh) -> manifold3d.Mesh:
    return manifold3d.Mesh(
        vert_properties=np.asarray(mesh.vertices, np.float32), tri_verts=np.asarray(mesh.faces, np.uint32)
    )


def _from_manifold(solid: manifold3d.Manifold) -> trimesh.Trimesh:
    found = solid.to_mesh()
    vertices = np.asarray(found.vert_properties[:, :3], np.float64)
    return trimesh.Trimesh(
        vertices, found.tri_verts, vertex_colors=np.full((len(vertices), 4), 255, np.uint8), process=False
    )


def _united(solid: manifold3d.Manifold) -> tuple[manifold3d.Manifold, int]:
    """The solid with parts that overlap made one and its cavities filled, and how many those were.

    A cavity is a part inside out. The network knows nothing of an inside: what it leaves hollow is chance."""
    parts = solid.decompose()
    filled = [part for part in parts if part.volume() > 0]
    if len(parts) < 2 or not filled:
        return solid, 0
    return manifold3d.Manifold.batch_boolean(filled, manifold3d.OpType.Add), len(parts) - len(filled)


def _placed_solid(solid: manifold3d.Manifold, height_mm: float) -> trimesh.Trimesh:
    """The solid scaled to its height, centred over the origin, its base at Z 0, without needless edges."""
    low_x, low_y, low_z, high_x, high_y, high_z = solid.bounding_box()
    foot = ((low_x + high_x) / 2, (low_y + high_y) / 2, low_z)
    size = height_mm / (high_z - low_z)
    placed = solid.translate([-value for value in foot]).scale((size, size, size))
    return _from_manifold(placed.simplify(NEAR_SHARE * height_mm))


def _apart(mesh: trimesh.Trimesh, height_mm: float) -> trimesh.Trimesh:
    """The mesh with vertices that share a place drawn back a little into the solid, each to its own side.

    Where a solid touches itself, programs that join vertices by their place would see edges of four faces."""
    near = NEAR_SHARE * height_mm
    _, group, count = np.unique(
        np.round(mesh.vertices / near), axis=0, return_inverse=True, return_counts=True
    )
    shared = count[group.reshape(-1)] > 1
    vertices = np.asarray(mesh.vertices, np.float64).copy()
    vertices[shared] -= 4 * near * mesh.vertex_normals[shared]
    moved = vertices.astype(np.float32).astype(np.float64)
    return trimesh.Trimesh(moved, mesh.faces, vertex_colors=vertex_colors(mesh), process=False)


def _placed(mesh: trimesh.Trimesh, height_mm: float) -> trimesh.Trimesh:
    """The mesh scaled to its height, centred over the origin, its base at Z 0."""
    (low_x, low_y, low_z), (high_x, high_y, high_z) = mesh.bounds
    foot = np.array([(low_x + high_x) / 2, (low_y + high_y) / 2, low_z])
    vertices = (mesh.vertices - foot) * (height_mm / (high_z - low_z))
    return trimesh.Trimesh(vertices, mesh.faces, vertex_colors=vertex_colors(mesh), process=False)


def _solid_print(mesh: trimesh.Trimesh, density_g_cm3: float, cavities: int) -> Print:
    """The print of a closed solid, unless what trimesh counts in what will be read says otherwise."""
    if not (mesh.is_watertight and weld(mesh).is_watertight and mesh.volume > 0):
        return _open_print(mesh, float(mesh.extents[2]))
    volume = float(mesh.volume) / 1000
    parts = part_of_faces(mesh)[0]
    verdict = "Watertight: ready to print."
    if parts > 1:
        verdict = f"Watertight, in {parts} separate parts: those without a base need supports."
    if cavities:
        verdict += f" Closed hollows inside, filled: {cavities}."
    return Print(mesh, True, verdict, volume, volume * density_g_cm3, _size(mesh))


def _open_print(mesh: trimesh.Trimesh, height_mm: float) -> Print:
    """The print of a shape that could not be closed."""
    holes = len(boundary_loops(np.asarray(mesh.faces)))
    counts = np.bincount(mesh.edges_unique_inverse)
    edges = int((counts != 2).sum())
    verdict = (
        f"Not watertight: {holes} holes and {edges} edges without exactly two faces stay after repair; "
        "try another threshold or resolution, or more smoothing."
    )
    placed = _placed(mesh, height_mm)
    return Print(placed, False, verdict, None, None, _size(placed))


def _size(mesh: trimesh.Trimesh) -> tuple[float, float, float]:
    x, y, z = (round(float(side), 3) for side in mesh.extents)
    return x, y, z
