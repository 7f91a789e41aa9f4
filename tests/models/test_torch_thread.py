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


def test_it_is_idle_from_the_end_of_its_last_work_on() -> None:
    now = [10.0]
    thread = TorchThread(lambda: now[0])
    now[0] = 15.0
    assert thread.idle_seconds == 5.0
    begun, done = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        done.wait()

    future = thread.submit(work)
    begun.wait()
    now[0] = 20.0
    assert thread.idle_seconds == 0.0
    done.set()
    future.result()
    thread.call(lambda: None)  # what is told when work ends is told before the next begins
    now[0] = 23.0
    assert thread.idle_seconds == 3.0
