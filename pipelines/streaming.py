"""Work that reports by calling back, turned into a generator of what it reports."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import wait
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

from models.errors import Cancelled
from models.torch_thread import TorchThread
from pipelines.events import Event

Tell: TypeAlias = Callable[[Event], None]
Result = TypeVar("Result")


def stream(thread: TorchThread, work: Callable[[Tell], Result]) -> Generator[Event, None, Result]:
    """Run `work` in the thread and yield each event that it tells; its result is the return value.

    A consumer that closes the generator makes the next `tell` raise Cancelled, and waits for the work's end.

    Raises:
        whatever `work` raises.
    """
    told: SimpleQueue[Event | None] = SimpleQueue()
    left = threading.Event()

    def tell(event: Event) -> None:
        if left.is_set():
            raise Cancelled()
        told.put(event)

    future = thread.submit(work, tell)
    future.add_done_callback(lambda _: told.put(None))
    try:
        while (event := told.get()) is not None:
            yield event
    finally:
        left.set()
        wait([future])
    return future.result()
