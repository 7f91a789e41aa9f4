"""The one thread in which torch computes."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from models.memory import keep_freed

Given = ParamSpec("Given")
Result = TypeVar("Result")


class TorchThread:
    """Runs what it is given, one after the other, always in the same thread.

    OpenMP keeps a team of workers for every thread that has ever computed with torch. As soon as the
    teams together outnumber the cores, their workers go to sleep after each operation instead of waiting
    for the next, and a small network takes twice as long; so there must be one such thread only.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # Read by OpenMP when torch is imported: wait a few microseconds for the next operation, not a
        # millisecond, so that a busy core, with a browser that draws on it, does not hold everything up.
        os.environ.setdefault("GOMP_SPINCOUNT", "3000")
        keep_freed()
        self._pool = ThreadPoolExecutor(1, "torch", initializer=self._remember)
        self._ident: int | None = None
        self._urgent: deque[Callable[[], None]] = deque()
        self._clock = clock
        self._lock = threading.Lock()
        self._unfinished, self._rested = 0, clock()

    def submit(
        self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> "Future[Result]":
        """Queue work; returns at once."""
        with self._lock:
            self._unfinished += 1
        future = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(self._finished)
        return future

    @property
    def idle_seconds(self) -> float:
        """How long there has been nothing to do; 0 while there is."""
        with self._lock:
            return 0.0 if self._unfinished else self._clock() - self._rested

    def call(self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        """Wait for the work's result; work that is asked for by the thread itself runs right away.

        Raises:
            whatever the work raises.
        """
        if threading.get_ident() == self._ident:
            return work(*args, **kwargs)
        return self.submit(work, *args, **kwargs).result()

    def urge(
        self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> "Future[Result]":
        """Have short work done as soon as long work pauses, ahead of all that waits; returns at once."""
        future: Future[Result] = Future()
        self._urgent.append(lambda: _settle(future, lambda: work(*args, **kwargs)))
        self.submit(self.pause)
        return future

    def pause(self) -> None:
        """Do what is urgent; long work calls this between its steps, elsewhere it does nothing."""
        if threading.get_ident() != self._ident:
            return
        while self._urgent:
            self._urgent.popleft()()

    def _finished(self, _: Future[Any]) -> None:
        with self._lock:
            self._unfinished -= 1
            self._rested = self._clock()

    def _remember(self) -> None:
        self._ident = threading.get_ident()


def _settle(future: "Future[Result]", work: Callable[[], Result]) -> None:
    """Do work for a future that nobody has given up yet."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # whatever it is belongs to who asked, not to the work that paused
        future.set_exception(error)
