import threading

import pytest

from models.torch_thread import TorchThread


def test_everything_runs_in_one_thread_that_is_not_the_callers() -> None:
    thread = TorchThread()
    idents = {thread.call(threading.get_ident), thread.submit(threading.get_ident).result()}
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_the_thread_may_call_itself() -> None:
    thread = TorchThread()
    assert thread.call(lambda: thread.call(threading.get_ident)) == thread.call(threading.get_ident)


def test_an_error_reaches_the_caller_and_the_thread_goes_on() -> None:
    thread = TorchThread()
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)
    assert thread.call(lambda: 7) == 7


def test_urgent_work_is_done_when_long_work_pauses_ahead_of_what_waits() -> None:
    thread, told = TorchThread(), []
    begun, go_on = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        go_on.wait()
        thread.pause()
        told.append("long")

    first, waiting = thread.submit(long), thread.submit(lambda: told.append("waiting"))
    begun.wait()
    urgent = thread.urge(lambda: told.append("urgent"))
    go_on.set()
    for future in (first, waiting, urgent):
        future.result()
    assert told == ["urgent", "long", "waiting"]


def test_urgent_work_runs_at_once_where_nothing_else_does() -> None:
    assert TorchThread().urge(threading.get_ident).result() != threading.get_ident()


def test_an_error_of_urgent_work_reaches_only_who_asked() -> None:
    thread = TorchThread()
    with pytest.raises(ZeroDivisionError):
        thread.urge(lambda: 1 // 0).result()
    assert thread.call(lambda: 7) == 7
