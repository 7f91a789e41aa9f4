"""What is written under a picture or mesh, as HTML; all text from outside is escaped."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ui import words
from ui.icons import DOWN

if TYPE_CHECKING:
    from jobs.records import JobRecord


def progress_line(record: "JobRecord") -> str:
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


def facts_line(facts: list[str], link: str, more: str = "") -> str:
    """A line of facts with a download at its end; more of them show under the pointer."""
    spans = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    return f'<div class="mq-facts" title="{escape(more)}"><div>{spans}</div>{link}</div>'


def notes_of(record: "JobRecord") -> str:
    """What the user should know about how it was made."""
    return "".join(f'<p class="mq-note">{escape(note)}</p>' for note in record.notes)


def download(path: Path, name: str, label: str) -> str:
    """A link that saves a file under a speaking name."""
    return f'<a class="mq-link" href="{file_address(path)}" download="{escape(name)}">{DOWN}{label}</a>'


def file_address(path: Path) -> str:
    """A file's address, relative to the page, so that it holds behind any proxy."""
    return "gradio_api/file=" + quote(path.as_posix(), safe="/:")
