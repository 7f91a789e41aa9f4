"""A picture to a mesh: cut the object out, frame it, ask the network, contour its field."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from models.catalogue import ModelCard, find_card
from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.events import Artifact, Event, Figure, Stage, Step
from pipelines.foreground import cut_out, frame
from pipelines.ladder import Rung, climb
from pipelines.metadata import save_png
from pipelines.requests import Meshing
from pipelines.streaming import Tell, stream

if TYPE_CHECKING:
    import trimesh
    from torch import Tensor

    from tsr.network import TSR

LARGEST = 1024  # longest side in pixels that a picture is cut out at; the network reads at most 512
Check = Callable[[], None]


def sculpt(
    store: ModelStore,
    picture: Image.Image,
    model_name: str,
    request: Meshing,
    folder: Path,
    check: Check,
    lineage: dict[str, Any],
) -> Generator[Event, None, Path]:
    """Make mesh.glb of a picture's object in the folder, with `cutout.png`, the picture that the network saw.

    Raises:
        MaquetteError: BAD_IMAGE without an object, MODEL_MISSING, BAD_REQUEST, OUT_OF_MEMORY, or whatever
            `check` raises to cancel.
    """
    card = find_card(model_name, "mesh")
    yield Stage("background", 1)
    cut = _cut(store, picture, request)
    check()
    yield Step("background", 1, 1)
    yield Stage("loading", 1)
    model = store.mesh_model(card.name)
    check()
    yield Stage("network", 1)
    framed = frame(cut, request.foreground_ratio, model.config.cond_image_size)
    facts = {"model": card.name, "foreground_ratio": request.foreground_ratio}
    save_png(framed, folder / "cutout.png", request, facts)
    yield Artifact("cutout", "cutout.png", "image/png", {"width": framed.width, "height": framed.height})
    refusal = (
        f"A mesh of resolution {request.resolution} does not fit into memory; ask for a smaller resolution"
    )
    work = partial(_mesh, store, card, model, framed, request, check)
    rungs = [Rung("letting other models go", partial(store.free, keep=card.name))]
    mesh = yield from climb(lambda: stream(store.thread, work), rungs, refusal)
    yield Stage("writing", 1)
    yield _write(mesh, folder / "mesh.glb", lineage)
    return folder / "mesh.glb"


def _cut(store: ModelStore, picture: Image.Image, request: Meshing) -> Image.Image:
    """The object as RGBA, from a picture that is made no larger than is of use."""
    small = picture.copy()
    small.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    remover = None
    if store.state("u2net") != "missing":

        def remover(image: Image.Image) -> Image.Image:
            network = store.background_remover()
            return image if network is None else network(image)

    return cut_out(small, request.background, remover)


def _mesh(
    store: ModelStore,
    card: ModelCard,
    model: TSR,
    framed: Image.Image,
    request: Meshing,
    check: Check,
    tell: Tell,
) -> trimesh.Trimesh:
    """The mesh in glTF's frame, its progress told at every chunk."""
    scene_code = _encode(store, card, model, framed)
    check()
    tell(Step("network", 1, 1))
    tell(Stage("meshing", 1))
    return _contour(model, scene_code, request, check, tell)


def _encode(store: ModelStore, card: ModelCard, model: TSR, framed: Image.Image) -> Tensor:
    """The scene code [3, C, H, W] in float32; the network runs in half precision where the runtime does."""
    import torch

    runtime = store.runtime
    half = runtime.dtype != torch.float32 and not (
        runtime.device.type == "cpu" and card.cpu_dtype == "float32"
    )
    if half:
        with torch.autocast(runtime.device.type, runtime.dtype):
            code = model.encode([framed])[0].float()
        if bool(torch.isfinite(code).all()):
            return code
    return model.encode([framed])[0].float()


def _contour(model: TSR, scene_code: Tensor, request: Meshing, check: Check, tell: Tell) -> trimesh.Trimesh:
    """The isosurface, with tsr's refusals in our words."""
    from tsr.errors import MeshingError, ResolutionError, SceneCodeError, ThresholdError
    from tsr.mesh import extract_mesh, to_gltf_frame

    def on_chunk(done: int, total: int) -> None:
        check()
        tell(Step("meshing", min(done, total), total))

    try:
        mesh = extract_mesh(model, scene_code, request.resolution, request.threshold, on_chunk)
    except (ResolutionError, ThresholdError) as error:
        raise MaquetteError("BAD_REQUEST", str(error)) from error
    except SceneCodeError as error:
        raise MaquetteError("BAD_IMAGE", f"The network could make nothing of the picture: {error}") from error
    except MeshingError as error:
        raise MaquetteError("BAD_REQUEST", str(error)) from error
    return to_gltf_frame(mesh)


def _write(mesh: trimesh.Trimesh, path: Path, lineage: dict[str, Any]) -> Artifact:
    """Write the GLB, whole or not at all, and say what is in it."""
    from tsr.gltf import write_glb

    part = path.with_name(f"{path.name}.part")
    write_glb(mesh, part, lineage)
    part.replace(path)
    width, height, depth = (round(float(side), 4) for side in mesh.extents)
    figures: dict[str, Figure] = {
        "vertices": len(mesh.vertices),
        "faces": len(mesh.faces),
        "watertight": bool(mesh.is_watertight),
        "width": width,
        "height": height,
        "depth": depth,
        "bytes": path.stat().st_size,
    }
    return Artifact("mesh", path.name, "model/gltf-binary", figures)
