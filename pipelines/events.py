"""What a running job tells: plain frozen records, in the order in which things happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from models.errors import Cancelled as Cancelled  # part of the stream's vocabulary

if TYPE_CHECKING:
    from PIL import Image

Role = Literal[
    "image", "step", "scribble", "cutout", "mesh", "preview", "file", "print", "archive", "turntable"
]
Figure: TypeAlias = int | float | bool | str


@dataclass(frozen=True)
class Started:
    """The job has a model and a device; `reason` says why this device and precision."""

    model: str
    device: str
    reason: str
    seed: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A stage begins: downloading, loading, drawing, decoding, background, network, meshing, writing ..."""

    name: str
    total: int


@dataclass(frozen=True)
class Step:
    """Step `step` (from 1) of `total` of a stage is done; the preview is RGB, its longest side 512."""

    stage: str
    step: int
    total: int
    preview: Image.Image | None = None


@dataclass(frozen=True)
class Artifact:
    """A finished file, already in the job's folder."""

    role: Role
    name: str
    media_type: str
    figures: dict[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """A sentence for the user: a warning, or a rung of the out-of-memory ladder."""

    text: str


@dataclass(frozen=True)
class Done:
    """All is done; seconds spent in each stage."""

    seconds: dict[str, float]


Event: TypeAlias = Started | Stage | Step | Artifact | Note | Done
