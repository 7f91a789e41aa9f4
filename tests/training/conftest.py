"""What the tests of the starter set share."""

from pathlib import Path

import pytest

from training.data import View, keep_views, make_view
from training.description import Description


@pytest.fixture(scope="session")
def starter() -> Path:
    """The shipped weights; a checkout that has none yet has nothing to hold them to."""
    folder = Path(__file__).resolve().parents[2] / "models" / "starter"
    for part in ("pictures/model_index.json", "meshes/config.yaml"):
        if not (folder / part).is_file():
            pytest.skip(f"models/starter/{part} is not there: python -m training.make_starter")
    return folder


@pytest.fixture(scope="session")
def views() -> list[View]:
    """A mug and a cat."""
    return [make_view(7, Description("mug", "red")), make_view(8, Description("cat", "blue"))]


@pytest.fixture(scope="session")
def shards(views: list[View], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of toys that holds them."""
    folder = tmp_path_factory.mktemp("toys")
    keep_views(folder, 0, views)
    return folder
