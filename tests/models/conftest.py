"""What the tests of OpenVINO share: a store of its miniature models, converted once."""

from pathlib import Path
from typing import Any

import pytest

from models.runtime import pick_runtime
from models.store import ModelStore


@pytest.fixture(scope="package")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="package")
def openvino_store(starter_dir: Path, data_dir: Path) -> ModelStore:
    return ModelStore(pick_runtime("openvino", "float32"), data_dir, offline=True, starter_dir=starter_dir)


@pytest.fixture(scope="package")
def pipeline(openvino_store: ModelStore) -> Any:
    return openvino_store.image_pipeline("starter")
