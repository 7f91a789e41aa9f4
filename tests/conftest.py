"""Fixtures that several folders use."""

from pathlib import Path

import pytest

from tests.miniature import make_starter


@pytest.fixture(scope="session")
def starter_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter set of tiny random weights."""
    return make_starter(tmp_path_factory.mktemp("starter"))
