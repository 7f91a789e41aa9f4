"""What the tests of models share: a Hub with one small model, and models converted for OpenVINO once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.runtime import pick_runtime
from models.store import ModelStore
from tests.hub import Hub, serving
from tests.models.checkpoints import publish


@pytest.fixture(scope="package")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="package")
def openvino_store(starter_dir: Path, data_dir: Path) -> ModelStore:
    return ModelStore(pick_runtime("openvino", "float32"), data_dir, offline=True, starter_dir=starter_dir)


@pytest.fixture(scope="package")
def pipeline(openvino_store: ModelStore) -> Any:
    return openvino_store.image_pipeline("starter")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with serving() as hub:
        publish(hub, "taesd", tmp_path / "published")
        yield hub
