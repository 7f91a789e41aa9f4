"""The memory of all jobs: one SQLite file that survives crashes."""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jobs.records import JobError, JobRecord
from models.errors import MaquetteError
from pipelines.requests import Request

logger = logging.getLogger(__name__)

RUNS = 2  # a job that was running in a crash is run again once
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of coming, whatever the clock does
    key TEXT NOT NULL UNIQUE COLLATE NOCASE,   -- file systems may not tell 'A' from 'a'
    state TEXT NOT NULL,
    finished REAL,
    starred INTEGER NOT NULL,
    runs INTEGER NOT NULL DEFAULT 0,
    given TEXT NOT NULL,                       -- the request before a seed was drawn
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
"""


def as_given(request: Request) -> str:
    """A request as text that is equal for equal requests."""
    return json.dumps(request.model_dump(mode="json"), sort_keys=True)


class Ledger:
    """All jobs by key; safe for any thread.

    `lock` is held by whoever reads and then writes. What cannot be written at the moment is kept
    in memory and written with the next change, so that a full disk loses no result.

    Raises:
        MaquetteError: INTERRUPTED where the file cannot be opened or read.
    """

    def __init__(self, data_dir: Path, *, patience: float = 5.0) -> None:
        self.data_dir = data_dir
        self.lock = threading.RLock()
        self._unwritten: dict[str, tuple[JobRecord, int]] = {}
        self._claim: sqlite3.Connection | None = None
        with _told("opened"):
            data_dir.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                data_dir / "maquette.db", timeout=patience, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)

    def claim(self) -> None:
        """Keep other processes from working on the same data folder, as long as this one lives.

        Raises:
            MaquetteError: INTERRUPTED where another process is already at it.
        """
        with _told("claimed"):
            claim = sqlite3.connect(
                self.data_dir / "maquette.lock", timeout=0, isolation_level=None, check_same_thread=False
            )
            try:
                claim.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                claim.close()
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                raise MaquetteError(
                    "INTERRUPTED",
                    "Another Maquette works in this data folder; give this one its own --data-dir.",
                ) from None
        self._claim = claim

    def close(self) -> None:
        """Write what is left to write and let go of the files."""
        with self.lock:
            self._write_rest()
            self._db.close()
            if self._claim is not None:
                self._claim.close()

    def add(self, record: JobRecord, given: str) -> None:
        """Enter a new job.

        Raises:
            MaquetteError: KEY_IN_USE, or INTERRUPTED where it cannot be written.
        """
        with self.lock, _told("written"):
            try:
                self._db.execute(
                    "INSERT INTO jobs (key, state, starred, given, record) VALUES (?, ?, ?, ?, ?)",
                    (record.key, record.state, record.starred, given, record.model_dump_json()),
                )
            except sqlite3.IntegrityError:
                raise MaquetteError(
                    "KEY_IN_USE",
                    f"key: '{record.key}' differs from an earlier one only in upper and lower case",
                ) from None

    def save(self, record: JobRecord, *, runs: int = 0) -> None:
        """Replace a job's record and add to the count of its runs; never fails, see `troubles`."""
        with self.lock:
            earlier = self._unwritten.pop(record.key, (record, 0))[1]
            self._unwritten[record.key] = (record, earlier + runs)
            self._write_rest()

    def remove(self, key: str) -> None:
        """Forget a job."""
        with self.lock, _told("written"):
            self._unwritten.pop(key, None)
            self._db.execute("DELETE FROM jobs WHERE key = ? COLLATE BINARY", (key,))

    def find(self, key: str) -> JobRecord | None:
        """The job of this key."""
        with self.lock:
            if key in self._unwritten:
                return self._unwritten[key][0]
            rows = self._read("SELECT record FROM jobs WHERE key = ? COLLATE BINARY", (key,))
        return JobRecord.model_validate_json(rows[0]) if rows else None

    def given(self, key: str) -> str | None:
        """The request of a job as its caller gave it."""
        rows = self._read("SELECT given FROM jobs WHERE key = ? COLLATE BINARY", (key,))
        return rows[0] if rows else None

    def page(self, limit: int, before: str | None = None) -> list[JobRecord]:
        """The newest jobs, or the newest that came before the job of a key.

        Raises:
            MaquetteError: NOT_FOUND where that job is not known.
        """
        with self.lock:
            if before is not None and self.find(before) is None:
                raise MaquetteError("NOT_FOUND", f"before: no job has the key '{before}'")
            rows = self._read(
                "SELECT record FROM jobs WHERE ?1 IS NULL OR number <"
                " (SELECT number FROM jobs WHERE key = ?1 COLLATE BINARY) ORDER BY number DESC LIMIT ?2",
                (before, limit),
            )
            return [self._newest(JobRecord.model_validate_json(row)) for row in rows]

    def recover(self, now: float) -> list[JobRecord]:
        """The jobs to run after a start, in order; those cut short too often have failed by now."""
        with self.lock:
            for row in self._read("SELECT record FROM jobs WHERE state = 'running' AND runs >= ?", (RUNS,)):
                self.save(_interrupted(JobRecord.model_validate_json(row), now))
            for row in self._read("SELECT record FROM jobs WHERE state = 'running' AND runs < ?", (RUNS,)):
                self.save(JobRecord.model_validate_json(row).waiting_again())
            rows = self._read("SELECT record FROM jobs WHERE state = 'queued' ORDER BY number")
            return [self._newest(JobRecord.model_validate_json(row)) for row in rows]

    def expired(self, keep_jobs: int, finished_before: float | None) -> list[str]:
        """Keys of finished jobs without a star that are past the newest `keep_jobs`, or too old."""
        return self._read(
            "SELECT key FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND NOT starred AND"
            " (finished < ?1 OR number NOT IN (SELECT number FROM jobs ORDER BY number DESC LIMIT ?2))"
            " ORDER BY number",
            (finished_before, keep_jobs),
        )

    def keys(self) -> set[str]:
        """All keys."""
        return set(self._read("SELECT key FROM jobs"))

    def requests(self) -> Iterator[str]:
        """All requests, as text."""
        yield from self._read("SELECT given FROM jobs")

    def troubles(self) -> list[str]:
        """What is wrong with the ledger at the moment, one sentence each."""
        with self.lock:
            self._write_rest()
            try:
                with _told("written"):
                    self._db.execute(f"PRAGMA user_version = {_VERSION}")  # a real write, and harmless
            except MaquetteError as error:
                return [error.message]
        return [f"{len(self._unwritten)} jobs are not written yet."] if self._unwritten else []

    def _newest(self, record: JobRecord) -> JobRecord:
        """The record, or the one that could not be written yet."""
        return self._unwritten.get(record.key, (record, 0))[0]

    def _write_rest(self) -> None:
        """Write what waits to be written, as far as it goes."""
        for key, (record, runs) in list(self._unwritten.items()):
            row = (record.state, record.finished, record.starred, runs, record.model_dump_json(), key)
            try:
                self._db.execute(
                    "UPDATE jobs SET state = ?, finished = ?, starred = ?, runs = runs + ?, record = ?"
                    " WHERE key = ? COLLATE BINARY",
                    row,
                )
            except sqlite3.Error as error:
                logger.error("job %s could not be written: %s", key, error)
                return
            del self._unwritten[key]

    def _read(self, query: str, values: Sequence[str | int | float | None] = ()) -> list[str]:
        """The first column of the rows that a query finds."""
        with self.lock, _told("read"):
            return [row[0] for row in self._db.execute(query, values)]


def _interrupted(record: JobRecord, now: float) -> JobRecord:
    """The record of a job that was cut short as often as is allowed."""
    message = f"The application stopped {RUNS} times while this job was running."
    return record.ended("failed", now, JobError(code="INTERRUPTED", message=message))


@contextmanager
def _told(deed: str) -> Iterator[None]:
    """Tell SQLite's and the disk's errors in our own kind, without the file's path."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        logger.error("the ledger could not be %s: %s", deed, error)
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise MaquetteError("INTERRUPTED", f"The list of jobs could not be {deed}: {why}.") from None
