"""What the tests of the starter set share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def starter() -> Path:
    """The shipped weights."""
    return Path(__file__).resolve().parents[2] / "models" / "starter"
