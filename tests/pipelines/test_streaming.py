import threading

import pytest

from models.errors import Cancelled
from models.torch_thread import TorchThread
from pipelines.events import Event, Note
from pipelines.streaming import Tell, stream


def test_events_come_in_order_and_then_the_result() -> None:
    def work(tell: Tell) -> int:
        for text in "abc":
            tell(Note(text))
        return 7

    told: list[Event] = []
    events = stream(TorchThread(), work)
    with pytest.raises(StopIteration) as end:
        while True:
            told.append(next(events))
    assert told == [Note("a"), Note("b"), Note("c")]
    assert end.value.value == 7


def test_an_event_arrives_while_the_work_goes_on() -> None:
    seen = threading.Event()

    def work(tell: Tell) -> bool:
        tell(Note("first"))
        return seen.wait(timeout=60)

    events = stream(TorchThread(), work)
    assert next(events) == Note("first")
    seen.set()
    with pytest.raises(StopIteration) as end:
        next(events)
    assert end.value.value is True


def test_an_error_of_the_work_comes_after_what_it_told() -> None:
    def work(tell: Tell) -> None:
        tell(Note("before"))
        raise ZeroDivisionError("of the work")

    events = stream(TorchThread(), work)
    assert next(events) == Note("before")
    with pytest.raises(ZeroDivisionError, match="of the work"):
        next(events)


def test_closing_the_stream_stops_the_work_at_its_next_event() -> None:
    ended: list[type[BaseException]] = []
    count = 0

    def work(tell: Tell) -> None:
        nonlocal count
        try:
            while True:
                tell(Note("again"))
                count += 1
        except Cancelled as error:
            ended.append(type(error))
            raise

    events = stream(TorchThread(), work)
    next(events)
    events.close()
    assert ended == [Cancelled]
