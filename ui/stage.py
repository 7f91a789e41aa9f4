"""The panes in which a picture and a mesh take shape, as HTML; all text from outside is escaped."""

import base64
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ui import words
from ui.icons import DOWN, MESH, PICTURE

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
    rest = _line(record) + below + _thumbs(results, folder, shown)
    return _pane(record.state, frame, rest, made=record.final and shown is not None)


def mesh_pane(record: "JobRecord | None", folder: Path | None, title: str = "", hint: str = HINT) -> str:
    """How far the mesh is; the finished one is in the viewer below."""
    if record is None or folder is None:
        return _pane("idle", _empty(MESH, hint), "")
    if record.state == "done" and (mesh := mesh_artifact(record)):
        return _pane("done", None, finished_mesh(record, folder, mesh, title), made=True)
    if record.kind == "remesh":  # the viewer goes on showing what was there
        return _pane(record.state, None, _line(record), made=True)
    cutout = next((a for a in record.artifacts if a.role == "cutout"), None)
    if cutout is not None:
        frame = (
            f'<img class="mq-cutout" src="{file_address(folder / cutout.name)}" alt="The object, cut out">'
        )
    else:
        frame = _empty(MESH, "Nothing was made.") if record.final else _breathing(MESH)
    return _pane(record.state, frame, _line(record))


def finished_mesh(record: "JobRecord", folder: Path, mesh: "ArtifactRecord", title: str) -> str:
    """A mesh's figures, notes, files and film."""
    link = _download(folder / mesh.name, words.file_name(title, None, ".glb"), "GLB")
    facts = _facts(words.mesh_facts(record, mesh), link, words.stage_times(record))
    files = [a for role in ("file", "print", "archive") for a in record.artifacts if a.role == role]
    links = "".join(_file_link(folder, artifact, title) for artifact in files)
    prints = [a for a in files if a.role == "print"]
    solid = _facts(words.print_facts(prints[0]), "") if prints else ""
    film = next((a for a in record.artifacts if a.role == "turntable"), None)
    shown = "" if film is None else _film(folder / film.name, words.file_name(title, None, ".mp4"))
    more = f'<div class="mq-files">{links}</div>' if links else ""
    return facts + more + solid + _notes(record) + shown


def _file_link(folder: Path, artifact: "ArtifactRecord", title: str) -> str:
    """A link that saves one of a mesh's files; a print says so."""
    suffix, printed = Path(artifact.name).suffix, artifact.role == "print"
    label = f"Print {suffix[1:].upper()}" if printed else suffix[1:].upper()
    name = words.file_name(title, "print" if printed else None, suffix)
    return _download(folder / artifact.name, name, label)


def _film(path: Path, name: str) -> str:
    """The turntable, going round, and its download."""
    return (
        f'<video class="mq-film" src="{file_address(path)}" autoplay loop muted playsinline></video>'
        f'<div class="mq-files">{_download(path, name, "MP4")}</div>'
    )


def pictures(record: "JobRecord") -> list["ArtifactRecord"]:
    """The pictures that a job has made so far: the results first, then the steps kept on the way."""
    return [a for role in ("image", "step") for a in record.artifacts if a.role == role]


def mesh_artifact(record: "JobRecord") -> "ArtifactRecord | None":
    """The mesh that a job has made."""
    return next((a for a in record.artifacts if a.role == "mesh"), None)


def file_address(path: Path) -> str:
    """A file's address, relative to the page, so that it holds behind any proxy."""
    return "gradio_api/file=" + quote(path.as_posix(), safe="/:")


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
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")


def _forming(record: "JobRecord", preview: str | None, alt: str) -> str:
    """The newest preview, or a calm placeholder."""
    if preview is not None:
        return f'<img class="mq-preview" data-step="{record.step}" src="{preview}" alt="{alt}">'
    return _empty(PICTURE, "Nothing was made.") if record.final else _breathing(PICTURE)


def _breathing(icon: str) -> str:
    """Something is about to appear."""
    return f'<div class="mq-empty mq-breathing">{icon}</div>'


def _line(record: "JobRecord") -> str:
    """The bar and the words under a frame while something happens, or why it ended badly."""
    if record.state == "done":
        return ""
    if record.error is not None:
        mild = " mq-mild" if record.state == "cancelled" else ""
        code = "" if record.state == "cancelled" else f"<code>{record.error.code}</code>"
        return f'<div class="mq-error{mild}" role="alert">{code}<p>{escape(record.error.message)}</p></div>'
    share = words.fraction(record)
    width = "" if share is None else f' style="width:{100 * share:.1f}%"'
    waiting = " mq-unknown" if share is None else ""
    return (
        f'<div class="mq-bar{waiting}"><span{width}></span></div>'
        f'<div class="mq-line"><span class="mq-head">{escape(words.headline(record))}</span>'
        f'<span class="mq-left">{words.time_left(record)}</span></div>'
    )


def _finished_picture(record: "JobRecord", folder: Path, shown: "ArtifactRecord") -> str:
    """Facts and download of the picture that is shown."""
    if not record.final:
        return ""
    seed = shown.figures.get("seed", record.seed)
    name = words.file_name(str(record.request.get("prompt", "")), seed, ".png")
    return _facts(words.picture_facts(record, shown), _download(folder / shown.name, name, "PNG")) + _notes(
        record
    )


def _facts(facts: list[str], link: str, more: str = "") -> str:
    """A line of facts with a download at its end; more of them show under the pointer."""
    spans = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    return f'<div class="mq-facts" title="{escape(more)}"><div>{spans}</div>{link}</div>'


def _notes(record: "JobRecord") -> str:
    """What the user should know about how it was made."""
    return "".join(f'<p class="mq-note">{escape(note)}</p>' for note in record.notes)


def _download(path: Path, name: str, label: str) -> str:
    """A link that saves a file under a speaking name."""
    return f'<a class="mq-link" href="{file_address(path)}" download="{escape(name)}">{DOWN}{label}</a>'


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
