"""What the tests of the starter set share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def starter() -> Path:
    """The shipped weights; a checkout that has none yet has nothing to hold them to."""
    folder = Path(__file__).resolve().parents[2] / "models" / "starter"
    for part in ("pictures/model_index.json", "meshes/config.yaml"):
        if not (folder / part).is_file():
            pytest.skip(f"models/starter/{part} is not there: python -m training.make_starter")
    return folder
