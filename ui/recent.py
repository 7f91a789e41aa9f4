"""The strip of a visitor's own jobs, as HTML."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ui import words
from ui.icons import BIN, MESH, PICTURE
from ui.lines import file_address
from ui.stage import pictures
from ui.visitor import of_kinds, own_jobs, source_key

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord

SHOWN = 18


def recent_work(desk: "Desk", visitor: object, kinds: Sequence[str]) -> str:
    """The newest jobs of some kinds; a mark tells which are or have a mesh."""
    mine = own_jobs(desk, visitor)
    meshes = [r for r in mine if r.kind == "image_to_mesh" and r.state == "done"]
    meshed = {source_key(r) or r.key for r in meshes}
    cards = [_card(desk, r, r.key in meshed) for r in of_kinds(mine, kinds)]
    things = "pictures and meshes" if "image_to_mesh" in kinds else "pictures"
    return _strip(cards, f"Your {things} will be kept here.")


def _strip(cards: Sequence[str], empty: str) -> str:
    """The heading and the cards."""
    inner = "".join(cards[:SHOWN]) or f'<p class="mq-none">{empty}</p>'
    return f'<section class="mq-recent"><h2>Recent</h2><div class="mq-cards">{inner}</div></section>'


def _card(desk: "Desk", record: "JobRecord", meshed: bool) -> str:
    """One job: its picture, what was asked, how it stands."""
    title = escape(str(record.request.get("prompt") or record.request.get("file_name") or "Picture"))
    bin_ = (
        f'<button type="button" class="mq-bin" data-pick="{record.key}" data-what="delete"'
        f' aria-label="Delete {title}">{BIN}</button>'
    )
    return (
        f'<div class="mq-card" data-state="{record.state}"><button type="button" class="mq-open"'
        f' data-pick="{record.key}" title="{title}">{_face(desk, record)}{_badge(record, meshed)}'
        f"<span>{title}</span></button>{bin_ if record.final else ''}</div>"
    )


def _face(desk: "Desk", record: "JobRecord") -> str:
    """The job's picture, or a placeholder."""
    folder = desk.folder(record.key)
    cutouts = [a for a in record.artifacts if a.role == "cutout"]
    found = pictures(record) or cutouts
    if found:
        return f'<img loading="lazy" src="{file_address(folder / found[0].name)}" alt="">'
    return f'<div class="mq-face">{MESH if record.kind == "image_to_mesh" else PICTURE}</div>'


def _badge(record: "JobRecord", meshed: bool) -> str:
    """A word where the job did not simply end well."""
    if record.state == "done":
        return "<i>3D</i>" if meshed else ""
    label = {"queued": "Waiting", "running": words.headline(record)}.get(
        record.state, record.state.capitalize()
    )
    return f"<i>{escape(label)}</i>"
