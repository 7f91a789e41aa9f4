"""The page's wording for what a job record says."""

import re
import unicodedata
from typing import TYPE_CHECKING

from pipelines.mesh_requests import is_file_name

if TYPE_CHECKING:
    from jobs.records import ArtifactRecord, JobRecord

_STAGES = {
    "": "Starting",
    "downloading": "Downloading the model",
    "loading": "Loading the model",
    "sketch": "Reading the sketch",
    "drawing": "Drawing",
    "decoding": "Finishing the picture",
    "background": "Cutting out the object",
    "network": "Seeing it from all sides",
    "meshing": "Shaping the mesh",
    "finishing": "Finishing the mesh",
    "writing": "Saving",
    "filming": "Filming it from all sides",
}


def headline(record: "JobRecord") -> str:
    """What the job does at the moment."""
    if record.state == "queued":
        return "Next in line" if record.position == 0 else f"Waiting, {record.position} before yours"
    stage = _STAGES.get(record.stage, record.stage.capitalize())
    if record.stage == "drawing" and record.step:
        return f"Step {record.step} of {record.total}"
    if record.stage == "downloading" and record.step:
        return f"{stage}, {record.step} of {record.total} MB"
    return stage


def time_left(record: "JobRecord") -> str:
    """The seconds left, as far as they are known."""
    if record.eta_seconds is None or record.state != "running":
        return ""
    return f"{duration(record.eta_seconds)} left"


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 2 min 5 s."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def took(record: "JobRecord") -> str:
    """How long the job took once it ran."""
    if record.started is None or record.finished is None:
        return ""
    return duration(max(0.0, record.finished - record.started))


def fraction(record: "JobRecord") -> float | None:
    """How much of the present stage is done, 0 to 1; None where that is not known."""
    if record.state != "running" or record.total <= 0:
        return None
    return min(1.0, record.step / record.total)


def picture_facts(record: "JobRecord", artifact: "ArtifactRecord") -> list[str]:
    """A finished picture in a few words."""
    facts = [f"Step {artifact.figures['step']}"] if "step" in artifact.figures else []
    seed = seed_of(record, artifact)
    facts += [] if seed is None else [f"Seed {seed}"]
    width, height = artifact.figures.get("width"), artifact.figures.get("height")
    facts += [f"{width} × {height}"] if width and height else []
    return [*facts, took(record)] if took(record) else facts


def seed_of(record: "JobRecord", artifact: "ArtifactRecord") -> object:
    """The seed that a picture was drawn with, as far as that is known."""
    otherwise = None if record.kind == "upscale" else record.seed
    return artifact.figures.get("seed", otherwise)


def mesh_facts(record: "JobRecord", artifact: "ArtifactRecord") -> list[str]:
    """A finished mesh in a few words."""
    facts = [
        f"{artifact.figures[name]:,} {name}" for name in ("vertices", "faces") if name in artifact.figures
    ]
    if artifact.figures.get("parts", 1) != 1:
        facts.append(f"{artifact.figures['parts']} parts")
    if "watertight" in artifact.figures:
        facts.append("watertight" if artifact.figures["watertight"] else "not watertight")
    return [*facts, took(record)] if took(record) else facts


def print_facts(artifact: "ArtifactRecord") -> list[str]:
    """A print in a few words: its size, volume and mass."""
    figures = artifact.figures
    size = " × ".join(_about(figures[f"{side}_mm"]) for side in ("width", "depth", "height"))
    facts = [f"{size} mm (width × depth × height)"]
    if "mass_g" in figures:
        facts += [f"{_about(figures['volume_cm3'])} cm³", f"{_about(figures['mass_g'])} g in PLA"]
    return facts


def file_label(artifact: "ArtifactRecord") -> str:
    """What the link to one of a mesh's files reads."""
    kind = artifact.name.rpartition(".")[2].upper()
    if artifact.role == "print":
        return f"Print {kind}"
    return f"Texture {kind}" if artifact.media_type.startswith("image/") else kind


def _about(value: int | float | bool | str) -> str:
    """A measure as people say it: 148, 41, 7.5, 0.25."""
    return f"{float(value):.0f}" if float(value) >= 10 else f"{float(value):.2g}"


def stage_times(record: "JobRecord") -> str:
    """The seconds of each stage, in one line."""
    return ", ".join(f"{stage} {duration(seconds)}" for stage, seconds in record.seconds.items())


def slug(text: str) -> str:
    """Words as part of a file's name: "A grüner Pilz!" is a-gruner-pilz; every program reads it."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].rstrip("-") or "maquette"


def mesh_name(text: str) -> str:
    """The name of a mesh's files: a-red-mushroom."""
    name = slug(text)
    return name if is_file_name(name) else f"mesh-{name}"
