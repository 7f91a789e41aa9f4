"""A listener in some event loop, fed from any thread."""

import asyncio
import threading
from collections import deque
from contextlib import suppress

from jobs.records import JobRecord
from models.errors import MaquetteError

PENDING = 256  # beyond this a slow listener skips to the newest


class Follower:
    """Records on their way from the worker's thread to one event loop, in order; made inside that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._awake = asyncio.Event()
        self._lock = threading.Lock()
        self._pending: deque[JobRecord] = deque()
        self._called = False  # the loop has been asked to wake the listener
        self._closed = False

    def push(self, record: JobRecord) -> None:
        """Hand over the next record; from any thread, never waits."""
        with self._lock:
            if len(self._pending) < PENDING:
                self._pending.append(record)
            else:
                self._pending[-1] = record
            self._call()

    def close(self) -> None:
        """Say that no further record will come."""
        with self._lock:
            self._closed = True
            self._call()

    async def next(self) -> JobRecord:
        """The next record, once there is one.

        Raises:
            MaquetteError: INTERRUPTED where the application closes before the job is over.
        """
        while True:
            with self._lock:
                if self._pending:
                    return self._pending.popleft()
                if self._closed:
                    raise MaquetteError("INTERRUPTED", "Maquette closes; the job goes on at its next start.")
                self._awake.clear()
                self._called = False
            await self._awake.wait()

    def _call(self) -> None:
        """Wake the listener; one call is enough for any number of records."""
        if not self._called:
            self._called = True
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self._awake.set)
