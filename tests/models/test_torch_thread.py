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
