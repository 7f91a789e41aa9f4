"""How often the changes of a job are told."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.records import JobRecord

SECONDS = 0.15


class Pacing:
    """Picks the records worth a message: all with something new, of mere counting a few per second."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._told: object = None
        self._when = 0.0

    def due(self, record: "JobRecord") -> bool:
        """Whether to tell this record."""
        news = (
            record.state,
            record.stage,
            record.preview,
            record.position,
            len(record.artifacts),
            len(record.notes),
        )
        now = self._clock()
        if news == self._told and now - self._when < self._seconds:
            return False
        self._told, self._when = news, now
        return True
