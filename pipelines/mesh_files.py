"""The files of a finished mesh, each told as an artifact: the GLB first, then what else was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipelines.events import Artifact, Figure, Role, Stage, Step
from pipelines.mesh_requests import Finishing, TextureFormat
from pipelines.streaming import Tell

if TYPE_CHECKING:
    import trimesh

Check = Callable[[], None]
PREVIEW_SIZE, VIEWS, VIEW_SIZE = 512, 30, 256
MEDIA_TYPES = {
    ".obj": "model/obj",
    ".mtl": "model/mtl",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".stl": "model/stl",
    ".ply": "application/octet-stream",
    ".3mf": "model/3mf",
}


def write_files(
    meshes: Sequence[trimesh.Trimesh],
    request: Finishing,
    folder: Path,
    lineage: dict[str, Any],
    check: Check,
    tell: Tell,
) -> None:
    """Write the files of meshes in TripoSR's frame into the folder; a ZIP has all meshes, where several."""
    from tsr.formats import pack

    whole, name = joined(meshes), request.file_name
    tell(write_glb_file(meshes, whole, request, folder / f"{name}.glb", lineage))
    check()
    tell(write_preview(whole, folder / "preview.png"))
    files = [folder / f"{name}.glb", *write_other_formats(whole, request, folder, check, tell)]
    if request.print_height_mm is not None:
        files += write_print(whole, request.print_height_mm, request, folder, tell)
    if request.turntable:
        tell(write_film(whole, folder / "turntable.mp4", check, tell))
    if len(files) > 1:
        check()
        pack(files, folder / f"{name}.zip")
        tell(_artifact("archive", folder / f"{name}.zip", "application/zip", {"files": len(files)}))


def write_other_formats(
    mesh: trimesh.Trimesh, request: Finishing, folder: Path, check: Check, tell: Tell
) -> list[Path]:
    """The formats asked for beside the GLB, with what belongs to them."""
    from tsr.formats import write

    written = []
    for name in request.formats:
        if name != "glb":
            check()
            files = write(mesh, folder, request.file_name, [name], textures=request.texture_format)
            for path in files:
                tell(_artifact("file", path, MEDIA_TYPES[path.suffix], {}))
            written += files
    return written


def write_print(
    mesh: trimesh.Trimesh, height_mm: float, request: Finishing, folder: Path, tell: Tell
) -> list[Path]:
    """The mesh as one solid in millimetres, as STL and 3MF, with the verdict for the user."""
    from tsr.formats import write
    from tsr.printing import printable

    made = printable(mesh, height_mm, request.print_density_g_cm3)
    depth, width, height = made.size_mm  # along X, Y and Z, and the photo's side is at +X
    figures: dict[str, Figure] = {
        "watertight": made.watertight,
        "verdict": made.verdict,
        "width_mm": width,
        "depth_mm": depth,
        "height_mm": height,
    }
    if made.volume_cm3 is not None and made.mass_g is not None:
        figures |= {"volume_cm3": round(made.volume_cm3, 3), "mass_g": round(made.mass_g, 2)}
    stem = "print" if request.file_name == "mesh" else f"{request.file_name}-print"
    files = write(made.mesh, folder, stem, ["stl", "3mf"], mm_per_unit=1.0)
    for path in files:
        tell(_artifact("print", path, MEDIA_TYPES[path.suffix], figures))
    return files


def _artifact(role: Role, path: Path, media_type: str, figures: dict[str, Figure]) -> Artifact:
    """A written file, with its size."""
    return Artifact(role, path.name, media_type, figures | {"bytes": path.stat().st_size})


def joined(meshes: Sequence[trimesh.Trimesh]) -> trimesh.Trimesh:
    """All meshes as one."""
    import trimesh

    if len(meshes) == 1:
        return meshes[0]
    return cast("trimesh.Trimesh", trimesh.util.concatenate(list(meshes)))


def write_glb_file(
    meshes: Sequence[trimesh.Trimesh],
    whole: trimesh.Trimesh,
    request: Finishing,
    path: Path,
    lineage: dict[str, Any],
) -> Artifact:
    """Write the GLB, and say what is in it."""
    write_whole_glb(meshes, path, lineage, request.texture_format)
    return Artifact("mesh", path.name, "model/gltf-binary", figures_of(whole, len(meshes), path))


def write_whole_glb(
    meshes: Sequence[trimesh.Trimesh],
    path: Path,
    lineage: dict[str, Any] | None = None,
    textures: TextureFormat = "png",
) -> None:
    """Write meshes in TripoSR's frame as GLB, whole or not at all."""
    from tsr.gltf import write_glb
    from tsr.mesh import to_gltf_frame

    part = path.with_name(f"{path.name}.part")
    write_glb([to_gltf_frame(mesh) for mesh in meshes], part, lineage, textures)
    part.replace(path)


def figures_of(whole: trimesh.Trimesh, objects: int, path: Path) -> dict[str, Figure]:
    """A mesh in numbers; width, height and depth are along the GLB's X, Y and Z."""
    from tsr.figures import figures

    found = figures(whole)
    depth, width, height = (round(float(side), 4) for side in whole.extents)
    told: dict[str, Figure] = {
        "vertices": found["vertices"],
        "faces": found["faces"],
        "parts": found["parts"],
        "objects": objects,
        "watertight": found["watertight"],
        "width": width,
        "height": height,
        "depth": depth,
        "bytes": path.stat().st_size,
    }
    return told if found["volume"] is None else told | {"volume": round(found["volume"], 6)}


def write_preview(mesh: trimesh.Trimesh, path: Path) -> Artifact:
    """A picture of the mesh over nothing."""
    from tsr.preview import preview

    preview(mesh, PREVIEW_SIZE).save(path, compress_level=4)
    return Artifact("preview", path.name, "image/png", {"width": PREVIEW_SIZE, "height": PREVIEW_SIZE})


def write_film(mesh: trimesh.Trimesh, path: Path, check: Check, tell: Tell) -> Artifact:
    """The mesh going round once."""
    from tsr.turntable import write_turntable

    def on_view(done: int, total: int) -> None:
        check()
        tell(Step("filming", done, total))

    tell(Stage("filming", VIEWS))
    write_turntable(mesh, path, VIEWS, VIEW_SIZE, on_view=on_view)
    return Artifact("turntable", path.name, "video/mp4", {"views": VIEWS, "bytes": path.stat().st_size})
