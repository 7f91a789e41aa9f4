"""From scene codes to finished files: surface, tidying, fewer faces, texture, and what is written of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import MaquetteError
from pipelines.events import Note, Stage, Step
from pipelines.kept_scene import KeptScene
from pipelines.mesh_files import write_files
from pipelines.objects import Place
from pipelines.requests import Finishing
from pipelines.streaming import Tell

if TYPE_CHECKING:
    import trimesh
    from PIL import Image

    from tsr.decimate import Isosurface
    from tsr.network import TSR
    from tsr.scene import Scene

Check = Callable[[], None]


@dataclass(frozen=True)
class Finisher:
    """One request being fulfilled for one kept scene, all of it in torch's thread."""

    model: TSR
    kept: KeptScene
    request: Finishing
    folder: Path
    check: Check
    tell: Tell

    def run(self) -> None:
        """Make all meshes and write all files.

        Raises:
            MaquetteError: BAD_REQUEST, BAD_IMAGE for a scene that has no surface, or what `check` raises.
        """
        from tsr.scene import Scene

        with refusals():
            self.tell(Stage("meshing", 1))
            device = next(self.model.parameters()).device
            scenes = [Scene(self.model, code.to(device)) for code in self.kept.codes]
            surfaces = [self._surface(scene) for scene in scenes]
            self.tell(Stage("finishing", len(scenes)))
            finished = []
            for number, (scene, surface) in enumerate(zip(scenes, surfaces, strict=True)):
                finished.append(self._finished(scene, surface, self.kept.cuts[number]))
                self.tell(Step("finishing", number + 1, len(scenes)))
            meshes = [placed(m, place) for m, place in zip(finished, self.kept.places, strict=True)]
            self.tell(Stage("writing", 1))
            lineage = self.kept.lineage | {"request": self.request.model_dump(mode="json")}
            write_files(meshes, self.request, self.folder, lineage, self.check, self.tell)

    def _surface(self, scene: Scene) -> trimesh.Trimesh:
        """The isosurface, its progress told at every chunk."""

        def on_chunk(done: int, total: int) -> None:
            self.check()
            self.tell(Step("meshing", min(done, total), total))

        request = self.request
        return scene.surface(request.resolution, request.threshold, request.exact, on_chunk)

    def _finished(self, scene: Scene, mesh: trimesh.Trimesh, cut: Image.Image) -> trimesh.Trimesh:
        """The surface tidied, reduced and textured as asked."""
        from tsr.decimate import Isosurface, decimate

        self.check()
        request = self.request
        mesh = tidied(mesh, request)
        self.check()
        field = Isosurface(scene.raw_density, scene.colors, scene.level(request.threshold))
        if request.target_faces is not None:
            mesh = decimate(mesh, request.target_faces, None if request.smoothing else field)
        self.check()
        return mesh if request.texture == "vertex" else self._textured(scene, mesh, field, cut)

    def _textured(
        self, scene: Scene, mesh: trimesh.Trimesh, field: Isosurface, cut: Image.Image
    ) -> trimesh.Trimesh:
        """The mesh with a texture, from the field alone where the photo does not lie on it."""
        from tsr.decimate import decimate
        from tsr.errors import PhotoError
        from tsr.photo import Photo
        from tsr.texture import MOST_FACES, bake

        size, smooth = self.request.texture_size, bool(self.request.smoothing)
        colors = partial(scene.colors, on_points=lambda _: self.check())
        if len(mesh.faces) > MOST_FACES:
            mesh = decimate(mesh, MOST_FACES, None if smooth else field)
            self.tell(Note(f"The mesh was reduced to {len(mesh.faces):,} faces, to lay a texture on it."))
        if self.request.texture == "photo":
            try:
                return bake(mesh, colors, size, Photo.framed(cut, self.kept.foreground_ratio))
            except PhotoError as error:
                self.tell(
                    Note(f"The texture has the network's colours alone, as the photo does not fit: {error}.")
                )
        return bake(mesh, colors, size)


def tidied(mesh: trimesh.Trimesh, request: Finishing) -> trimesh.Trimesh:
    """Floaters removed, holes filled, surface smoothed, as asked."""
    from tsr.clean import fill_holes, remove_floaters, smooth

    if request.remove_floaters:
        mesh = remove_floaters(mesh, request.remove_floaters)
    if request.fill_holes:
        mesh = fill_holes(mesh)
    return smooth(mesh, request.smoothing) if request.smoothing else mesh


def placed(mesh: trimesh.Trimesh, place: Place) -> trimesh.Trimesh:
    """A mesh scaled and moved to its place in the scene, in TripoSR's frame."""
    if place == Place():
        return mesh
    import numpy as np

    from tsr.frames import turned

    moved = turned(mesh, np.eye(3), place.scale)
    moved.vertices += (0.0, place.right, place.up)
    return moved


@contextmanager
def refusals() -> Generator[None]:
    """Tell tsr's refusals in our words; lack of memory passes, for there is something to be done about it.

    Raises:
        MaquetteError: BAD_IMAGE for a scene without a usable field, BAD_REQUEST for a setting.
    """
    from tsr.errors import SceneCodeError, TSRError

    try:
        yield
    except MemoryError:
        raise
    except SceneCodeError as error:
        raise MaquetteError("BAD_IMAGE", f"The network could make nothing of the picture: {error}") from error
    except TSRError as error:
        raise MaquetteError("BAD_REQUEST", str(error)) from error
