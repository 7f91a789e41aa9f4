"""Small meshes of kept scenes, at once: what a moved slider shows until the full mesh is made."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from models.store import ModelStore
from pipelines.finishing import placed, refusals, tidied
from pipelines.kept_scene import KeptScene, load_kept_scene, scene_folder
from pipelines.mesh_files import write_whole_glb
from pipelines.requests import Finishing

if TYPE_CHECKING:
    from tsr.network import TSR
    from tsr.scene import Scene

RESOLUTION = 64
MOST_SCENES = 4
MOST_FILES = 4  # of a job; the viewer may still be fetching the one before


class Live:
    """Makes previews in torch's thread, in between the steps of whatever job runs there.

    So a moved slider waits for one step at the most, and no second thread computes with torch, which would
    slow the job down. The scenes are its own: a job that pauses inside a scene is never disturbed.
    """

    def __init__(self, store: ModelStore, data_dir: Path) -> None:
        self._store = store
        self._data_dir = data_dir
        self._scenes: OrderedDict[str, tuple[KeptScene, list[Scene]]] = OrderedDict()

    def preview(self, source: str, request: Finishing) -> Path:
        """A GLB of the job's scene at a low resolution, in the job's folder under a name of its settings.

        Raises:
            MaquetteError: NOT_FOUND without a kept scene, BAD_REQUEST for a threshold that leaves nothing.
        """
        folder = scene_folder(source, self._data_dir)
        settings = f"{request.threshold!r} {request.smoothing!r} {request.remove_floaters!r}"
        path = folder / f"live-{hashlib.sha256(settings.encode()).hexdigest()[:16]}.glb"
        if not path.is_file():
            known = self._scenes.get(source)
            kept = load_kept_scene(folder) if known is None else known[0]
            model = self._store.mesh_model(kept.model)  # not in torch's thread: loading waits for a lock
            self._store.thread.urge(self._make, source, kept, model, request, path).result()
        return path

    def make_ready(self, source: str) -> None:
        """Load a job's scene ahead of its first preview, where its network is in memory anyway.

        Raises:
            MaquetteError: NOT_FOUND without a kept scene.
        """
        if source not in self._scenes:
            kept = load_kept_scene(scene_folder(source, self._data_dir))
            if self._store.state(kept.model) == "loaded":
                model = self._store.mesh_model(kept.model)
                self._store.thread.urge(self._ready, source, kept, model).result()

    def _make(self, source: str, kept: KeptScene, model: TSR, request: Finishing, path: Path) -> None:
        """Mesh a scene and write the file, whole or not at all."""
        meshes = []
        with refusals():
            for scene, place in zip(self._ready(source, kept, model), kept.places, strict=True):
                mesh = tidied(scene.surface(RESOLUTION, request.threshold), request)
                meshes.append(placed(mesh, place))
        write_whole_glb(meshes, path)
        files = sorted(path.parent.glob("live-*.glb"), key=lambda file: file.stat().st_mtime)
        for old in files[:-MOST_FILES]:
            old.unlink(missing_ok=True)

    def _ready(self, source: str, kept: KeptScene, model: TSR) -> list[Scene]:
        """The scenes of a job, made ready when they are first asked for."""
        from tsr.scene import Scene

        if source not in self._scenes:
            device = next(model.parameters()).device
            self._scenes[source] = kept, [Scene(model, code.to(device)) for code in kept.codes]
        self._scenes.move_to_end(source)
        while len(self._scenes) > MOST_SCENES:
            self._scenes.popitem(last=False)
        return self._scenes[source][1]
