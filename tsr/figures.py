"""What there is to say about a mesh in numbers."""

from typing import TypedDict

import trimesh
from trimesh.visual import TextureVisuals

from tsr.parts import part_of_faces, weld


class Figures(TypedDict):
    """Numbers that JSON can hold; lengths and volume in the mesh's own unit."""

    vertices: int
    faces: int
    parts: int
    watertight: bool
    volume: float | None  # None where the mesh is open
    bounds: list[list[float]]  # least and greatest corner


def figures(mesh: trimesh.Trimesh) -> Figures:
    """A mesh's figures; a textured mesh's are those without its seams. Raises: ValueError without faces."""
    if not len(mesh.faces):
        raise ValueError("mesh: 0 faces, at least 1 is needed")
    welded = weld(mesh) if isinstance(mesh.visual, TextureVisuals) else mesh
    watertight = bool(welded.is_watertight)
    return {
        "vertices": len(welded.vertices),
        "faces": len(mesh.faces),
        "parts": part_of_faces(mesh)[0],
        "watertight": watertight,
        "volume": float(welded.volume) if watertight else None,
        "bounds": [[round(float(value), 6) for value in corner] for corner in mesh.bounds],
    }
