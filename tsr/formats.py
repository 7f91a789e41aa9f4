"""A mesh in the files that other programs read.

| file | up | front | unit |
|---|---|---|---|
| GLB, OBJ | +Y | +Z | as the field: about 1 |
| PLY | +Z | -Y | as the field |
| STL, 3MF | +Z | -Y | millimetres, which slicers take them to be |
"""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args
from xml.sax.saxutils import quoteattr

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.visual import TextureVisuals

from tsr.errors import TSRError
from tsr.frames import turned
from tsr.gltf import PictureFormat, encoded, texture_of, unit_normals, vertex_colors, write_glb
from tsr.mesh import to_gltf_frame
from tsr.parts import weld
from tsr.preview import lookup

Format = Literal["glb", "obj", "stl", "ply", "3mf"]
SLICER_TURN = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # (X, Y, Z) = (y, -x, z)
MM_PER_UNIT = 100.0  # a mesh fills about one unit: 10 cm
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
SUFFIXES: dict[PictureFormat, str] = {"png": ".png", "jpeg": ".jpg"}
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # so that the same mesh gives the same bytes


def write(
    mesh: trimesh.Trimesh,
    folder: Path,
    stem: str,
    formats: Sequence[Format],
    extras: dict[str, Any] | None = None,
    mm_per_unit: float = MM_PER_UNIT,
    textures: PictureFormat = "png",
) -> list[Path]:
    """Writes a mesh in TripoSR's frame as folder/stem.format, and returns the files in the order asked.

    A textured OBJ has its MTL and picture after it. extras go into the GLB. A mesh that is in
    millimetres already has 1 mm_per_unit. Raises: TSRError for an unknown format, ValueError as write_glb."""
    unknown = [name for name in formats if name not in get_args(Format)]
    if unknown:
        raise TSRError(f"formats: {unknown[0]!r} is none of {', '.join(get_args(Format))}")
    writers: dict[Format, Callable[[Path], list[Path]]] = {
        "glb": lambda path: _glb(mesh, path, extras, textures),
        "obj": lambda path: _obj(to_gltf_frame(mesh), path, textures),
        "stl": lambda path: _stl(turned(mesh, SLICER_TURN, mm_per_unit), path),
        "ply": lambda path: _ply(turned(mesh, SLICER_TURN), path),
        "3mf": lambda path: _3mf(turned(mesh, SLICER_TURN, mm_per_unit), path),
    }
    return [file for name in formats for file in writers[name](folder / f"{stem}.{name}")]


def pack(files: Sequence[Path], path: Path) -> Path:
    """A ZIP of files, by their names alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def _glb(
    mesh: trimesh.Trimesh, path: Path, extras: dict[str, Any] | None, textures: PictureFormat
) -> list[Path]:
    write_glb(to_gltf_frame(mesh), path, extras, textures)
    return [path]


def _obj(mesh: trimesh.Trimesh, path: Path, textures: PictureFormat) -> list[Path]:
    """A texture goes by an MTL; vertex colours follow the coordinates, and no material hides them."""
    places, normals = np.asarray(mesh.vertices), _rows("vn %.4f %.4f %.4f", unit_normals(mesh))
    corners = np.asarray(mesh.faces) + 1
    if not isinstance(mesh.visual, TextureVisuals):
        colored = np.hstack([places, vertex_colors(mesh)[:, :3] / 255])
        faces = _rows("f %d//%d %d//%d %d//%d", corners.repeat(2, axis=1))
        path.write_text(_rows("v %.6f %.6f %.6f %.4f %.4f %.4f", colored) + normals + faces)
        return [path]
    material, picture = path.with_suffix(".mtl"), path.with_suffix(SUFFIXES[textures])
    picture.write_bytes(encoded(texture_of(mesh), textures))
    material.write_text(f"newmtl surface\nKa 0 0 0\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {picture.name}\n")
    head = f"mtllib {material.name}\nusemtl surface\n"
    vertices = _rows("v %.6f %.6f %.6f", places) + _rows("vt %.6f %.6f", np.asarray(mesh.visual.uv))
    faces = _rows("f %d/%d/%d %d/%d/%d %d/%d/%d", corners.repeat(3, axis=1))
    path.write_text(head + vertices + normals + faces)
    return [path, material, picture]


def _rows(pattern: str, values: NDArray[Any]) -> str:
    """One line of the pattern for every row of values [N, C]."""
    return "".join(f"{pattern}\n" % tuple(row) for row in values.tolist())


def _stl(mesh: trimesh.Trimesh, path: Path) -> list[Path]:
    mesh.export(path, file_type="stl")
    return [path]


def _ply(mesh: trimesh.Trimesh, path: Path) -> list[Path]:
    """Binary; a texture becomes vertex colours, as PLY has no other that programs agree on."""
    if isinstance(mesh.visual, TextureVisuals):
        colors = lookup(np.asarray(texture_of(mesh)), np.asarray(mesh.visual.uv, np.float32))
        mesh = trimesh.Trimesh(
            mesh.vertices, mesh.faces, vertex_colors=colors.round().astype(np.uint8), process=False
        )
    mesh.export(path, file_type="ply")
    return [path]


def _3mf(mesh: trimesh.Trimesh, path: Path) -> list[Path]:
    """The shape in millimetres; slicers paint by filament, so colours are left out."""
    shape = weld(mesh) if isinstance(mesh.visual, TextureVisuals) else mesh
    vertices = _rows('<vertex x="%.9g" y="%.9g" z="%.9g"/>', np.asarray(shape.vertices))
    triangles = _rows('<triangle v1="%d" v2="%d" v3="%d"/>', np.asarray(shape.faces))
    model = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<model unit="millimeter" xml:lang="en-US" xmlns="{CORE}">'
        f'<metadata name="Application">Maquette</metadata>'
        f'<resources><object id="1" type="model" name={quoteattr(path.stem)}><mesh>'
        f"<vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh></object></resources>"
        f'<build><item objectid="1"/></build></model>'
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    types = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
        f"</Types>"
    )
    relations = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{package}/relationships">'
        f'<Relationship Target="/3D/3dmodel.model" Id="rel0"'
        f' Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
    )
    parts = {"[Content_Types].xml": types, "_rels/.rels": relations, "3D/3dmodel.model": model}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), text, zipfile.ZIP_DEFLATED, 4)
    return [path]
