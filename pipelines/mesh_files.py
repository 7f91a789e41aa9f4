"""The files of a finished mesh, each told as an artifact: the GLB first, then what else was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.events import Artifact, Figure, Stage, Step
from pipelines.requests import Finishing
from pipelines.streaming import Tell

if TYPE_CHECKING:
    import trimesh

Check = Callable[[], None]
PREVIEW_SIZE, VIEWS, VIEW_SIZE = 512, 60, 384


def write_files(
    meshes: Sequence[trimesh.Trimesh],
    request: Finishing,
    folder: Path,
    lineage: dict[str, Any],
    check: Check,
    tell: Tell,
) -> None:
    """Write the files of meshes in TripoSR's frame into the folder."""
    whole = joined(meshes)
    tell(write_glb_file(meshes, whole, folder / "mesh.glb", lineage))
    check()
    tell(write_preview(whole, folder / "preview.png"))
    if request.turntable:
        tell(write_film(whole, folder / "turntable.mp4", check, tell))


def joined(meshes: Sequence[trimesh.Trimesh]) -> trimesh.Trimesh:
    """All meshes as one."""
    import trimesh

    return meshes[0] if len(meshes) == 1 else trimesh.util.concatenate(list(meshes))


def write_glb_file(
    meshes: Sequence[trimesh.Trimesh], whole: trimesh.Trimesh, path: Path, lineage: dict[str, Any]
) -> Artifact:
    """Write the GLB, whole or not at all, and say what is in it."""
    from tsr.gltf import write_glb
    from tsr.mesh import to_gltf_frame

    part = path.with_name(f"{path.name}.part")
    write_glb([to_gltf_frame(mesh) for mesh in meshes], part, lineage)
    part.replace(path)
    return Artifact("mesh", path.name, "model/gltf-binary", figures_of(whole, len(meshes), path))


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
