"""The list of models as HTML: what each is good at, what it costs, and what can be done with it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from models.missing import megabytes
from ui.words import duration

if TYPE_CHECKING:
    from models.card import ModelCard, Task
    from models.downloads import Running
    from models.store import ModelStore

_GROUPS: dict[Task, str] = {
    "image": "Pictures",
    "mesh": "Meshes",
    "control": "Drawings as a guide",
    "adapter": "Fewer steps",
    "preview": "Sharper previews",
    "background": "Backgrounds",
    "safety": "Safety",
}
# A press is handed on as what is to be done with which model; removal is asked about first.
PRESS = """
element.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (!button || (button.dataset.ask && !confirm(button.dataset.ask))) return;
    trigger('select', {what: button.dataset.do, name: button.dataset.name});
});
"""


def models_list(store: ModelStore, *, owner: bool) -> str:
    """All models by what they make; buttons only for who owns the machine."""
    note = "" if owner else _note("Whoever runs this server gets and removes models, on its command line.")
    if owner and store.offline:
        note = _note("Maquette was started offline, so nothing is downloaded.")
    wrong = "".join(f'<p class="mq-error">{escape(text)}</p>' for text in store.shelf.problems if owner)
    return (
        f'<div class="mq-models">{note}{wrong}'
        + "".join(_group(store, task, title, owner) for task, title in _GROUPS.items())
        + "</div>"
    )


def _group(store: ModelStore, task: Task, title: str, owner: bool) -> str:
    """The models of one task."""
    cards = [card for card in store.shelf.cards.values() if card.task == task]
    rows = "".join(_row(store, card, owner) for card in cards)
    return f"<section><h2>{title}</h2><ul>{rows}</ul></section>" if rows else ""


def _row(store: ModelStore, card: ModelCard, owner: bool) -> str:
    """One model, with its download while there is one."""
    running = store.downloads.running(card.name)
    state = "downloading" if running else store.state(card.name)
    failure = store.downloads.failure(card.name) if owner and state == "missing" else ""
    below = _bar(running) if running else (f'<p class="mq-error">{escape(failure)}</p>' if failure else "")
    return (
        f'<li data-model="{card.name}" data-state="{state}"><div class="mq-model"><div>'
        f"<strong>{escape(card.title)}</strong> <code>{card.name}</code><p>{escape(card.good_at)}</p>"
        f'<p class="mq-costs">{"".join(f"<span>{escape(fact)}</span>" for fact in _facts(card))}</p></div>'
        f'<div class="mq-do">{_doing(store, card, state, owner)}</div></div>{below}</li>'
    )


def _facts(card: ModelCard) -> list[str]:
    """What a model costs, and under which licence it is."""
    facts = [megabytes(card.size_bytes)] if card.size_bytes else []
    facts += [f"{megabytes(card.memory_bytes)} of memory"] if card.memory_bytes else []
    facts += [f"{card.native_size} px"] if card.native_size and card.task == "image" else []
    facts += [f"{card.default_steps} steps"] if card.default_steps else []
    return [*facts, card.licence]


def _doing(store: ModelStore, card: ModelCard, state: str, owner: bool) -> str:
    """The state in words, and the button for what comes next."""
    come = store.locator.bytes_here(card) if state == "missing" else 0
    words = {
        "loaded": "in memory",
        "ready": "comes with Maquette" if card.shipped else "on this machine",
        "missing": f"{megabytes(come)} have come" if come else "",
    }.get(state, "")
    return f"<span>{words}</span>{_button(store, card, state, come) if owner else ''}"


def _button(store: ModelStore, card: ModelCard, state: str, come: int) -> str:
    """What can be done with a model in its state; nothing with what is not Maquette's to fetch or delete."""
    if state == "downloading":
        return _press("stop", card, "Cancel")
    if state == "loaded":
        return _press("unload", card, "Free memory")
    if state == "missing":
        return "" if store.offline or card.path else _press("download", card, "Go on" if come else "Download")
    ask = f"Remove {card.title} from this machine?"
    return _press("remove", card, "Remove", ask) if store.shelf.removable(card) else ""


def _press(what: str, card: ModelCard, label: str, ask: str = "") -> str:
    asked = f' data-ask="{escape(ask)}"' if ask else ""
    return (
        f'<button type="button" class="mq-link" data-do="{what}" data-name="{card.name}"{asked}'
        f' aria-label="{label}: {escape(card.title)}">{label}</button>'
    )


def _bar(running: Running) -> str:
    """How far a download is, and how long it will take."""
    progress = running.progress
    if progress is None:
        return '<div class="mq-bar mq-unknown"><span></span></div>'
    left = running.seconds_left
    told = f"about {duration(left)} left" if left is not None else ""
    if running.stop.is_set():
        told = "stopping"
    return (
        f'<div class="mq-bar"><span style="width:{100 * progress.done / progress.total:.1f}%"></span></div>'
        f'<div class="mq-line"><span>{megabytes(progress.done)} of {megabytes(progress.total)}</span>'
        f"<span>{told}</span></div>"
    )


def _note(text: str) -> str:
    return f'<p class="mq-note">{text}</p>'
