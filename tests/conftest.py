"""Fixtures that several folders use."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.miniature import make_starter
from tests.server import Server, running


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """What tests start can be interrupted, which a shell keeps from all that it runs in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def starter_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter set of tiny random weights."""
    return make_starter(tmp_path_factory.mktemp("starter"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application in a process of its own, with the starter set where it is, else with tiny models."""
    with running(tmp_path_factory.mktemp("app") / "data") as server:
        yield server
