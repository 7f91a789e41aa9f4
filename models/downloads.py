"""Downloads that go on beside everything else, at most one of each model, seen from everywhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from models.download import Progress, Tell
from models.errors import Cancelled, MaquetteError

Fetch = Callable[[str, Tell, threading.Event], Path]


@dataclass
class Running:
    """One download under way."""

    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None
    place: Future[Path] = field(default_factory=Future)
    began: tuple[float, int] | None = None  # when the first bytes came, and how many there were already

    def tell(self, progress: Progress) -> None:
        """Take down how far it is."""
        if self.began is None:
            self.began = (time.monotonic(), progress.done)
        self.progress = progress

    @property
    def seconds_left(self) -> float | None:
        """How long it will take as fast as it has been; None before that can be told."""
        if self.began is None or self.progress is None:
            return None
        since, come = time.monotonic() - self.began[0], self.progress.done - self.began[1]
        return since * (self.progress.total - self.progress.done) / come if come and since > 2 else None


class Downloads:
    """Starts, follows and stops downloads; safe for any thread."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._running: dict[str, Running] = {}
        self._failures: dict[str, str] = {}
        self._lock = threading.Lock()

    def start(self, name: str) -> Future[Path]:
        """Where a model will be; the download that is under way, or one that begins now."""
        with self._lock:
            running = self._running.get(name)
            if running is None:
                self._failures.pop(name, None)
                running = self._running[name] = Running()
                work = threading.Thread(target=self._run, args=(name, running), name=f"download-{name}")
                work.daemon = True  # what has come is kept, so the process may end at any time
                work.start()
            return running.place

    def stop(self, name: str) -> None:
        """Have a download end at its next bytes; what has come is kept."""
        with self._lock:
            if name in self._running:
                self._running[name].stop.set()

    def running(self, name: str) -> Running | None:
        """The download of a model, while it is under way."""
        return self._running.get(name)

    def failure(self, name: str) -> str:
        """Why the last download of a model came to nothing; empty where it did not, or was stopped."""
        return self._failures.get(name, "")

    def _run(self, name: str, running: Running) -> None:
        """Fetch, and hand on where the model is or why it is not."""
        try:
            place = self._fetch(name, running.tell, running.stop)
        except BaseException as error:
            if not isinstance(error, Cancelled):
                told = error.message if isinstance(error, MaquetteError) else type(error).__name__
                self._failures[name] = told
            self._end(name)
            running.place.set_exception(error)
        else:
            self._end(name)
            running.place.set_result(place)

    def _end(self, name: str) -> None:
        with self._lock:
            del self._running[name]
