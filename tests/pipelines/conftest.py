"""What the tests of the pipelines share: a store of miniature models, and its data folder."""

from pathlib import Path

import pytest
import torch

from models.runtime import Runtime
from models.store import ModelStore
from tests.starter_parts import with_parts


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def whole_store(starter_dir: Path, data_dir: Path) -> ModelStore:
    """One whose starter set has all its parts."""
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    return ModelStore(runtime, data_dir, offline=True, starter_dir=starter_dir, catalogue=with_parts())


@pytest.fixture(scope="module")
def store(starter_dir: Path, data_dir: Path) -> ModelStore:
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    return ModelStore(runtime, data_dir, offline=True, starter_dir=starter_dir)
