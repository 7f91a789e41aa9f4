"""One thread that does the jobs of the board, one after the other."""

import logging
import math
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from jobs.board import Board, Job
from jobs.janitor import Janitor
from jobs.ledger import Ledger
from jobs.previews import Previews
from jobs.progress import Pace, advance
from jobs.records import JobError, JobState
from models.errors import Cancelled, MaquetteError
from pipelines.events import Done, Event, Stage, Step
from pipelines.requests import Request

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0


class Runs(Protocol):
    """Whatever does a request's work: the Studio, or a test's stand-in."""

    def check(self, request: Request) -> None:
        """Refuse, with a MaquetteError, what cannot be done however long it waits."""

    def run(self, request: Request, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """Do the work and tell what happens; looks at `cancelled` in every step."""


class Worker:
    """Takes jobs from the board and has the studio do them; survives whatever a job does."""

    def __init__(
        self,
        board: Board,
        ledger: Ledger,
        studio: Runs,
        janitor: Janitor,
        *,
        job_timeout: float | None = None,
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._ledger = ledger
        self._studio = studio
        self._janitor = janitor
        self._job_timeout = job_timeout
        self._clock = clock
        self._stopwatch = stopwatch
        self._thread = threading.Thread(target=self._work, name="maquette-worker", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait until the thread has ended; the board must be closing."""
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        """Take jobs until the board closes, and tidy up in between."""
        self._janitor.sweep()
        while not self._board.closing:
            job = self._board.take(self._clock, SWEEP_SECONDS)
            if job is not None:
                self._do(job)
                self._janitor.expire()
            elif not self._board.closing:
                self._janitor.sweep()

    def _do(self, job: Job) -> None:
        """Run one job to its end, whatever that end is."""
        key = job.record.key
        with self._ledger.lock:
            self._ledger.save(job.record, runs=1)
        previews = Previews(self._ledger.data_dir / "artifacts" / key)
        state, error = self._outcome(job, previews)
        previews.clear()
        if state == "queued":
            self._ledger.save(job.record.waiting_again(), runs=-1)
        else:
            self._end(key, state, error)

    def _outcome(self, job: Job, previews: Previews) -> tuple[JobState, JobError | None]:
        """Run one job and say how it ended; queued where the application closes in the middle."""
        timeout = self._job_timeout
        deadline = math.inf if timeout is None else self._stopwatch() + timeout

        def cancelled() -> bool:
            return job.stop.is_set() or self._board.closing or self._stopwatch() > deadline

        try:
            self._run(job, previews, cancelled)
        except MaquetteError as error:
            if error.code != "CANCELLED":
                return "failed", JobError(code=error.code, message=error.message)
            if self._board.closing and not job.stop.is_set():
                return "queued", None
            if self._stopwatch() > deadline and not job.stop.is_set():
                return "failed", JobError(
                    code="TIMEOUT", message=f"The limit of {timeout:g} seconds is over."
                )
            return "cancelled", JobError(code="CANCELLED", message="The job was cancelled.")
        except Exception as error:
            # The one place that catches everything: any fault of a model must end its job and never
            # the thread, or all later jobs would wait for ever. The log has the traceback.
            logger.exception("job %s failed unexpectedly", job.record.key)
            return "failed", JobError(code="INTERRUPTED", message=_words(error))
        return "done", None

    def _run(self, job: Job, previews: Previews, cancelled: Callable[[], bool]) -> None:
        """Have the studio do it, and put every event on the board.

        Raises:
            Cancelled: where `cancelled` says so between two events, even if the studio does not look.
        """
        pace, folder = Pace(), previews.folder
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted run has left
        folder.mkdir(parents=True, exist_ok=True)
        with closing(_as_generator(self._studio.run(job.request, folder, cancelled))) as events:
            for event in events:
                self._tell(job.record.key, event, pace, previews)
                if cancelled() and not isinstance(event, Done):
                    raise Cancelled

    def _tell(self, key: str, event: Event, pace: Pace, previews: Previews) -> None:
        """Put one event on the board."""
        eta = None
        if isinstance(event, Stage):
            pace.begin(event.name, self._stopwatch())
        if isinstance(event, Step):
            eta = pace.left(event, self._stopwatch())
            if event.preview is not None:
                previews.write(event.preview)
        self._board.change(key, lambda record: advance(record, event, eta=eta, preview=previews.newest))
        previews.thin()

    def _end(self, key: str, state: JobState, error: JobError | None) -> None:
        """Write down how the job ended, then tell everybody."""
        with self._ledger.lock:
            record = self._board.find(key)
            if record is None:
                return
            ended = record.ended(state, self._clock(), error)
            self._ledger.save(ended)
            self._board.change(key, lambda _: ended)
            self._board.drop(key)


def _words(error: Exception) -> str:
    """An unexpected error for its user: its kind, and for a failing disk the reason, but no path."""
    reason = f", {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return f"An unexpected error ended the job ({type(error).__name__}{reason}); the log tells more."


def _as_generator(events: Iterator[Event]) -> Generator[Event, None, None]:
    """Any iterator, as a generator that can be closed."""
    yield from events
