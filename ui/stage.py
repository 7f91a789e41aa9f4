"""The panes in which a picture and a mesh take shape, as HTML; all text from outside is escaped."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from ui import words
from ui.addresses import address_of_jpeg, jpeg_address
from ui.icons import MESH, PICTURE
from ui.lines import download, facts_line, file_address, notes_of, progress_line
from ui.mesh_result import finished_mesh

if TYPE_CHECKING:
    from jobs.records import ArtifactRecord, JobRecord

HINT = "And its mesh here: make a picture, then press Make&nbsp;3D."
PICK = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('[data-pick]');
    if (button) trigger('select', {pick: button.dataset.pick, what: button.dataset.what || 'open'});
});
"""


def picture_pane(
    record: "JobRecord | None", folder: Path | None, chosen: str | None = None, preview: str | None = None
) -> str:
    """The picture as it forms, `preview` the newest there was, and once it is done the chosen result."""
    if record is None or folder is None:
        return _pane("idle", _empty(PICTURE, "Your picture takes shape here, step by step."), "")
    results = pictures(record)
    shown = next((a for a in results if a.name == chosen), results[0] if results else None)
    alt = escape(str(record.request.get("prompt", "")))
    if shown is not None and record.final:
        frame = f'<img src="{file_address(folder / shown.name)}" alt="{alt}">'
    else:
        frame = _forming(record, preview, alt)
    below = "" if shown is None else _finished_picture(record, folder, shown)
    rest = progress_line(record) + below + _thumbs(results, folder, shown)
    return _pane(record.state, frame, rest, made=record.final and shown is not None)


def live_pane(picture: Image.Image) -> str:
    """A picture that follows a drawing."""
    frame = f'<img class="mq-preview" src="{jpeg_address(picture, 88)}" alt="The sketch as a picture">'
    line = (
        '<div class="mq-line"><span class="mq-head">Live</span><span>Generate draws it in full.</span></div>'
    )
    return _pane("live", frame, line)


def mesh_pane(record: "JobRecord | None", folder: Path | None, hint: str = HINT) -> str:
    """How far the mesh is; the finished one is in the viewer below."""
    if record is None or folder is None:
        return _pane("idle", _empty(MESH, hint), "")
    if record.state == "done" and (mesh := mesh_artifact(record)):
        return _pane("done", None, finished_mesh(record, folder, mesh), made=True)
    if record.kind == "remesh":  # the viewer goes on showing what was there
        return _pane(record.state, None, progress_line(record), made=True)
    cutout = next((a for a in record.artifacts if a.role == "cutout"), None)
    if cutout is not None:
        frame = (
            f'<img class="mq-cutout" src="{file_address(folder / cutout.name)}" alt="The object, cut out">'
        )
    else:
        frame = _empty(MESH, "Nothing was made.") if record.final else _breathing(MESH)
    return _pane(record.state, frame, progress_line(record))


def pictures(record: "JobRecord") -> list["ArtifactRecord"]:
    """The pictures that a job has made so far: the results first, then the steps kept on the way."""
    return [a for role in ("image", "step") for a in record.artifacts if a.role == role]


def mesh_artifact(record: "JobRecord") -> "ArtifactRecord | None":
    """The mesh that a job has made."""
    return next((a for a in record.artifacts if a.role == "mesh"), None)


def _pane(state: str, frame: str | None, below: str, *, made: bool = False) -> str:
    """A frame of fixed shape and what is written under it; by its attributes the style shows the buttons."""
    box = "" if frame is None else f'<div class="mq-frame">{frame}</div>'
    mark = " data-made" if made else ""
    return f'<div class="mq-pane" data-state="{state}"{mark}>{box}<div class="mq-below">{below}</div></div>'


def _empty(icon: str, text: str) -> str:
    """A quiet frame before there is anything to show."""
    return f'<div class="mq-empty">{icon}<p>{text}</p></div>'


def preview_source(record: "JobRecord", folder: Path) -> str | None:
    """A job's newest preview as a data address, so that nothing is missed once the file is gone."""
    if record.preview is None:
        return None
    try:
        data = (folder / record.preview).read_bytes()
    except FileNotFoundError:
        return None
    return address_of_jpeg(data)


def _forming(record: "JobRecord", preview: str | None, alt: str) -> str:
    """The newest preview, or a calm placeholder."""
    if preview is not None:
        return f'<img class="mq-preview" data-step="{record.step}" src="{preview}" alt="{alt}">'
    return _empty(PICTURE, "Nothing was made.") if record.final else _breathing(PICTURE)


def _breathing(icon: str) -> str:
    """Something is about to appear."""
    return f'<div class="mq-empty mq-breathing">{icon}</div>'


def _finished_picture(record: "JobRecord", folder: Path, shown: "ArtifactRecord") -> str:
    """Facts and download of the picture that is shown."""
    if not record.final:
        return ""
    seed = words.seed_of(record, shown)
    name = words.slug(str(record.request.get("prompt", ""))) + ("" if seed is None else f"-{seed}") + ".png"
    return facts_line(
        words.picture_facts(record, shown), download(folder / shown.name, name, "PNG")
    ) + notes_of(record)


def _thumbs(results: list["ArtifactRecord"], folder: Path, shown: "ArtifactRecord | None") -> str:
    """All results side by side, where there are several."""
    if len(results) < 2:
        return ""
    buttons = "".join(_thumb(a, folder, a is shown) for a in results)
    return f'<div class="mq-thumbs" role="group" aria-label="Results">{buttons}</div>'


def _thumb(artifact: "ArtifactRecord", folder: Path, pressed: bool) -> str:
    """One result to choose."""
    step = artifact.figures.get("step") if artifact.role == "step" else None
    badge = "" if step is None else f"<i>{step}</i>"
    label = artifact.name if step is None else f"Step {step}"
    return (
        f'<button type="button" data-pick="{escape(artifact.name)}" aria-pressed="{str(pressed).lower()}"'
        f' aria-label="{escape(label)}"><img src="{file_address(folder / artifact.name)}" alt="">'
        f"{badge}</button>"
    )
