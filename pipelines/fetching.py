"""Models that a job needs and this machine lacks: downloaded first, told, given up with the job."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import wait
from typing import TYPE_CHECKING

from models.missing import megabytes
from pipelines.events import Event, Note, Stage, Step

if TYPE_CHECKING:
    from models.downloads import Running
    from models.store import ModelStore

STAGE = "downloading"  # its steps are megabytes
_PATIENCE = 0.25  # seconds between two looks at a download


def fetched(store: ModelStore, names: Iterable[str], check: Callable[[], None]) -> Generator[Event]:
    """Have models downloaded that are not here, one after the other; nothing for those that are.

    Raises:
        MaquetteError: MODEL_MISSING for one that cannot be had, or whatever `check` raises to cancel; then a
            download that only this job wanted ends, and what has come is kept for the next time.
    """
    for name in names:
        if store.state(name) == "missing":
            store.require(name, store.card(name).task)
            with store.downloads.joined(name) as running:
                yield from _followed(store, name, running, check)


def _followed(store: ModelStore, name: str, running: Running, check: Callable[[], None]) -> Generator[Event]:
    """One download to its end, in megabytes."""
    card = store.card(name)
    size = f" of {megabytes(card.size_bytes)}" if card.size_bytes else ""
    yield Note(f"{card.title} is not here yet: a download{size} comes first.")
    yield Stage(STAGE, 0)
    told = None
    while not wait([running.place], _PATIENCE).done:
        check()
        if running.progress is not None and running.progress != told:
            told = running.progress
            yield Step(STAGE, told.done // 10**6, max(1, told.total // 10**6))
    running.place.result()
