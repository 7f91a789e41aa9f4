"""What a mesh job keeps beside its mesh, so that the mesh can be made anew without asking the network."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from models.errors import MaquetteError
from pipelines.complaints import shorten
from pipelines.objects import Place, places_of
from pipelines.request import KEY_PATTERN

if TYPE_CHECKING:
    from torch import Tensor

FACTS = "scene.json"


@dataclass(frozen=True)
class KeptScene:
    """The scene codes [3, C, H, W] of a picture's objects, with the cut-out RGBA that each was made of."""

    model: str
    foreground_ratio: float
    lineage: dict[str, Any]
    codes: list[Tensor]
    cuts: list[Image.Image]

    @property
    def places(self) -> list[Place]:
        """Where each object's mesh belongs."""
        return places_of(self.cuts, self.foreground_ratio)

    def save(self, folder: Path) -> None:
        """Write all of it into a job's folder; `scene.json` comes last and says that it is whole."""
        from tsr.scene import save_scene_code

        for index, (code, cut) in enumerate(zip(self.codes, self.cuts, strict=True)):
            save_scene_code(folder / f"scene-{index}.safetensors", code)
            cut.save(folder / f"object-{index}.png", compress_level=3)
        facts = {
            "model": self.model,
            "foreground_ratio": self.foreground_ratio,
            "lineage": self.lineage,
            "objects": len(self.codes),
        }
        (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def load_kept_scene(folder: Path) -> KeptScene:
    """What `save` wrote.

    Raises:
        MaquetteError: NOT_FOUND where a file is missing or damaged.
    """
    from tsr.errors import SceneCodeError
    from tsr.scene import load_scene_code

    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        indices = range(facts["objects"])
        codes = [load_scene_code(folder / f"scene-{index}.safetensors") for index in indices]
        cuts = [Image.open(folder / f"object-{index}.png").convert("RGBA") for index in indices]
    except (OSError, ValueError, KeyError, SceneCodeError):
        raise MaquetteError("NOT_FOUND", f"source: the scene of the job '{folder.name}' is lost") from None
    return KeptScene(facts["model"], facts["foreground_ratio"], facts["lineage"], codes, cuts)


def scene_folder(source: str, data_dir: Path) -> Path:
    """The folder of a job whose scene is kept.

    Raises:
        MaquetteError: NOT_FOUND for what is no key, no job, or a job without a mesh.
    """
    folder = data_dir / "artifacts" / source
    if not re.fullmatch(KEY_PATTERN, source) or not (folder / FACTS).is_file():
        raise MaquetteError("NOT_FOUND", f"source: no job with a mesh has the key {shorten(source)}")
    return folder


def hand_on(source: Path, folder: Path) -> None:
    """Copy a kept scene into another job's folder, so that it outlives the first job."""
    for path in [*source.glob("scene-*.safetensors"), *source.glob("object-*.png"), source / FACTS]:
        shutil.copyfile(path, folder / path.name)
