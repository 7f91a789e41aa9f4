"""The desk: the one place where jobs are handed in, followed, cancelled and looked up."""

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from jobs.board import Board
from jobs.follower import Follower
from jobs.janitor import Janitor
from jobs.ledger import Ledger, as_given
from jobs.records import JobError, JobRecord, check_key, new_key
from jobs.worker import Runs, Worker
from models.errors import MaquetteError
from pipelines.requests import Request, parse_request, shorten

logger = logging.getLogger(__name__)

MAX_PAGE = 200
LOW_DISK_BYTES = 64 * 2**20
CLOSE_SECONDS = 10.0


class Desk:
    """Takes requests and tells how they go; every method may be called from any thread."""

    def __init__(
        self,
        ledger: Ledger,
        studio: Runs,
        *,
        queue_size: int = 64,
        keep_jobs: int = 1000,
        keep_hours: float | None = None,
        job_timeout: float | None = None,
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._queue_size = queue_size
        self._clock = clock
        self._studio = studio
        self._board = Board()
        self._janitor = Janitor(
            ledger, self._board.uses, keep_jobs=keep_jobs, keep_hours=keep_hours, clock=clock
        )
        self._worker = Worker(
            self._board,
            ledger,
            studio,
            self._janitor,
            job_timeout=job_timeout,
            clock=clock,
            stopwatch=stopwatch,
        )

    def start(self) -> None:
        """Take up what an earlier process has left, and begin to work.

        Raises:
            MaquetteError: INTERRUPTED where another process works in the same data folder.
        """
        self._ledger.claim()
        with self._ledger.lock:
            for record in self._ledger.recover(self._clock()):
                if self._board.find(record.key) is None:
                    self._take_up(record)
        self._worker.start()

    def close(self) -> None:
        """Stop within a step; what is not done by then is done at the next start."""
        self._board.close()
        self._worker.join(CLOSE_SECONDS)
        self._board.release()
        self._ledger.close()

    def submit(self, request: Request, key: str | None = None) -> JobRecord:
        """Queue a request; the same key with the same request gives the same job again.

        Raises:
            MaquetteError: BAD_REQUEST for a malformed key or by the studio, NOT_FOUND for an unknown
                source, KEY_IN_USE, QUEUE_FULL, or INTERRUPTED where it cannot be written down.
        """
        key = new_key() if key is None else check_key(key)
        given = as_given(request)
        with self._ledger.lock:
            earlier = self._ledger.given(key)
            if earlier is not None:
                return self._same(key, earlier, given)
            self._studio.check(request)
            drawn = request.with_seed()
            fields = drawn.model_dump(mode="json")
            self._check_source(fields.get("source"))
            self._check_room()
            record = JobRecord(
                key=key,
                kind=fields["kind"],
                request=fields,
                created=self._clock(),
                position=self._board.waiting(),
                seed=fields.get("seed"),
                model=fields.get("model"),
            )
            self._ledger.add(record, given)
            return self._board.add(record, drawn)

    async def follow(self, key: str) -> AsyncIterator[JobRecord]:
        """The job as it is now, then every change in order, at last its end; leaving does not stop the job.

        Raises:
            MaquetteError: NOT_FOUND, or INTERRUPTED where the application closes before the job is over.
        """
        follower = Follower()
        while not self._board.attach(key, follower):
            record = await asyncio.to_thread(self.status, key)
            if record.final:
                yield record
                return
        try:
            while True:
                record = await follower.next()
                yield record
                if record.final:
                    return
        finally:
            self._board.detach(key, follower)

    def status(self, key: str) -> JobRecord:
        """The job as it is now.

        Raises:
            MaquetteError: NOT_FOUND, or BAD_REQUEST for what cannot be a key.
        """
        record = self._board.find(check_key(key))
        if record is None:
            with self._ledger.lock:  # whoever hands a job over from one to the other holds it
                record = self._board.find(key) or self._ledger.find(key)
        if record is None:
            raise MaquetteError("NOT_FOUND", f"key: no job has the key '{key}'")
        return record

    def cancel(self, key: str) -> JobRecord:
        """Cancel a job: at once where it waits, within a step where it runs; what is over stays as it is."""
        check_key(key)
        with self._ledger.lock:
            waiting = self._board.withdraw(key)
            if waiting is None:
                return self._board.stop(key) or self.status(key)
            error = JobError(code="CANCELLED", message="The job was cancelled while it waited.")
            ended = waiting.ended("cancelled", self._clock(), error)
            self._ledger.save(ended)
            self._board.change(key, lambda _: ended)
            self._board.drop(key)
            return ended

    def history(self, limit: int = 20, before: str | None = None) -> list[JobRecord]:
        """The newest jobs first; `before` is the key of the last job of the page before.

        Raises:
            MaquetteError: BAD_REQUEST for a limit out of range, NOT_FOUND for an unknown `before`.
        """
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_PAGE:
            raise MaquetteError(
                "BAD_REQUEST", f"limit: {shorten(limit)} is not a whole number of 1 to {MAX_PAGE}"
            )
        if before is not None:
            check_key(before)
        with self._ledger.lock:
            return [self._board.find(record.key) or record for record in self._ledger.page(limit, before)]

    def delete(self, key: str) -> JobRecord:
        """Remove a finished job with its files, and return what it was.

        Raises:
            MaquetteError: BAD_REQUEST where it is not over, or a waiting job needs its picture; NOT_FOUND.
        """
        with self._ledger.lock:
            record = self.status(key)
            if not record.final:
                raise MaquetteError("BAD_REQUEST", f"key: the job '{key}' is {record.state}; cancel it first")
            if self._board.uses(key):
                raise MaquetteError("BAD_REQUEST", f"key: a waiting job needs the picture of the job '{key}'")
            self._janitor.remove(key)
        return record

    def star(self, key: str, starred: bool) -> JobRecord:
        """Mark a job to be kept, or take the mark away."""
        with self._ledger.lock:
            record = self.status(key).changed(starred=bool(starred))
            live = self._board.change(key, lambda now: now.changed(starred=record.starred))
            self._ledger.save(live or record)
            return live or record

    def folder(self, key: str) -> Path:
        """Where the job's files lie."""
        return self._ledger.data_dir / "artifacts" / check_key(key)

    def waiting(self) -> int:
        """How many jobs wait."""
        return self._board.waiting()

    def followers(self) -> int:
        """How many listen to jobs."""
        return self._board.followers()

    def healthy(self) -> list[str]:
        """Reasons why not all is well; none where it is."""
        reasons = [] if self._worker.alive else ["The worker does not run."]
        reasons += self._ledger.troubles()
        free = shutil.disk_usage(self._ledger.data_dir).free
        if free < LOW_DISK_BYTES:
            reasons.append(f"The disk has {free // 2**20} MB left, less than {LOW_DISK_BYTES // 2**20} MB.")
        return reasons

    def _same(self, key: str, earlier: str, given: str) -> JobRecord:
        """The job that already has this key.

        Raises:
            MaquetteError: KEY_IN_USE where it was another request.
        """
        if earlier != given:
            raise MaquetteError("KEY_IN_USE", f"key: '{key}' belongs to another request; choose another key")
        return self.status(key)

    def _check_source(self, key: str | None) -> None:
        """Refuse to work on what a job made that nobody knows."""
        if key is not None and self._board.find(key) is None and self._ledger.find(key) is None:
            raise MaquetteError("NOT_FOUND", f"source: no job has the key '{key}'")

    def _check_room(self) -> None:
        """Refuse what the queue has no room for."""
        if self._board.closing:
            raise MaquetteError("INTERRUPTED", "Maquette closes and takes no more jobs.")
        waiting = self._board.waiting()
        if waiting >= self._queue_size:
            raise MaquetteError(
                "QUEUE_FULL",
                f"{waiting} jobs wait already, and the limit is {self._queue_size}; try again later.",
            )

    def _take_up(self, record: JobRecord) -> None:
        """Queue a job of an earlier process, unless this version no longer understands its request."""
        try:
            request = parse_request(record.request)
        except MaquetteError as error:
            failure = JobError(code=error.code, message=error.message)
            self._ledger.save(record.ended("failed", self._clock(), failure))
        else:
            self._board.add(record, request)
