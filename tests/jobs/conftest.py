"""Desks that are closed when the test is over."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.desk import Desk
from jobs.ledger import Ledger
from jobs.worker import Runs

OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[OpenDesk]:
    """Make a desk with a studio, in this test's data folder; started unless asked otherwise."""
    desks: list[Desk] = []

    def make(studio: Runs, *, start: bool = True, **options: Any) -> Desk:
        desk = Desk(Ledger(tmp_path, patience=0.0), studio, **options)
        desks.append(desk)
        if start:
            desk.start()
        return desk

    yield make
    for desk in desks:
        desk.close()
