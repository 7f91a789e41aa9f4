"""Downloads that go on beside everything else, at most one of each model, seen from everywhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
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
    joined: int = 0  # how many wait for it
    asked: bool = False  # whether it goes on when none does
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
            running = self._begun(name)
            running.asked = True
            return running.place

    @contextmanager
    def joined(self, name: str) -> Iterator[Running]:
        """The download that is under way, or one that begins now; it stops once all who joined it left."""
        with self._lock:
            running = self._begun(name)
            running.joined += 1
        try:
            yield running
        finally:
            with self._lock:
                running.joined -= 1
                if not running.joined and not running.asked:
                    running.stop.set()

    def stop(self, name: str) -> None:
        """Have a download end, even while its line is silent; what has come is kept."""
        with self._lock:
            if name in self._running:
                self._running[name].stop.set()

    def running(self, name: str) -> Running | None:
        """The download of a model, while it is under way."""
        return self._running.get(name)

    def failure(self, name: str) -> str:
        """Why the last download of a model came to nothing; empty where it did not, or was stopped."""
        return self._failures.get(name, "")

    def _begun(self, name: str) -> Running:
        """The download of a model, under way; the lock is held."""
        before = self._running.get(name)
        if before is not None and not before.stop.is_set():
            return before
        self._failures.pop(name, None)
        running = self._running[name] = Running()
        work = threading.Thread(target=self._run, args=(name, running, before), name=f"download-{name}")
        work.daemon = True  # what has come is kept, so the process may end at any time
        work.start()
        return running

    def _run(self, name: str, running: Running, before: Running | None) -> None:
        """Fetch, after a download that is being stopped; hand on where the model is or why it is not."""
        if before is not None:
            wait([before.place])
        try:
            place = self._fetch(name, running.tell, running.stop)
        except BaseException as error:
            if not isinstance(error, Cancelled):
                told = error.message if isinstance(error, MaquetteError) else type(error).__name__
                self._failures[name] = told
            self._end(name, running)
            running.place.set_exception(error)  # whatever it is, those who wait are told
        else:
            self._end(name, running)
            running.place.set_result(place)

    def _end(self, name: str, running: Running) -> None:
        with self._lock:
            if self._running.get(name) is running:
                del self._running[name]
