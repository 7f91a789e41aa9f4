"""A finished mesh in words: its figures, notes, files and film, as HTML."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ui import words
from ui.lines import download, facts_line, file_address, notes_of

if TYPE_CHECKING:
    from jobs.records import ArtifactRecord, JobRecord


def finished_mesh(record: "JobRecord", folder: Path, mesh: "ArtifactRecord") -> str:
    """A mesh's figures, notes, files and film."""
    link = download(folder / mesh.name, mesh.name, "GLB")
    facts = facts_line(words.mesh_facts(record, mesh), link, words.stage_times(record))
    files = [a for role in ("file", "print", "archive") for a in record.artifacts if a.role == role]
    links = "".join(download(folder / a.name, a.name, words.file_label(a)) for a in files)
    prints = [a for a in files if a.role == "print"]
    solid = _print(prints[0]) if prints else ""
    film = next((a for a in record.artifacts if a.role == "turntable"), None)
    shown = "" if film is None else _film(folder / film.name, f"{Path(mesh.name).stem}.mp4")
    more = f'<div class="mq-files">{links}</div>' if links else ""
    return facts + more + solid + notes_of(record) + shown


def _print(artifact: "ArtifactRecord") -> str:
    """A print's verdict, then its size, volume and mass."""
    verdict = escape(str(artifact.figures.get("verdict", "")))
    return f'<p class="mq-note mq-verdict">{verdict}</p>' + facts_line(words.print_facts(artifact), "")


def _film(path: Path, name: str) -> str:
    """The turntable, going round, and its download."""
    return (
        f'<video class="mq-film" src="{file_address(path)}" autoplay loop muted playsinline></video>'
        f'<div class="mq-files">{download(path, name, "MP4")}</div>'
    )
