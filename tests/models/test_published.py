"""The published model at its full size, with random weights under its names, in processes of their own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from tests.hub import serving
from tests.memory import STATUS
from tests.models.published import CARD, WEIGHT_BYTES, make_checkpoint
from tsr.checkpoint import IGNORED, read_tensors

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc"),
]
ROOT = Path(__file__).parent.parent.parent
ROOM_MIB = 400  # for Python's modules that loading brings in, and the largest tensor compared


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = make_checkpoint(tmp_path_factory.mktemp("published") / "TripoSR")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder that is gone afterwards: pytest would keep gigabytes."""
    yield tmp_path / "data"
    shutil.rmtree(tmp_path)


def load(data: Path, mode: str, endpoint: str = "http://127.0.0.1:9") -> dict[str, Any]:
    """What a fresh process says after loading; without an endpoint there is no Hub."""
    surroundings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(data / "hub"), "HOME": str(data)}
    found = subprocess.run(
        [sys.executable, "-m", "tests.models.load_published", str(data), mode],
        env=os.environ | surroundings | {"HF_HUB_OFFLINE": "0", "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert found.returncode == 0, found.stderr
    answer: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return answer


def holds_the_weights_once(answer: dict[str, Any]) -> bool:
    return bool(WEIGHT_BYTES / 2**20 * 0.9 < answer["peak_mib"] < WEIGHT_BYTES / 2**20 + ROOM_MIB)


def test_it_comes_from_the_hub_once_and_then_from_this_machine(published: Path, data: Path) -> None:
    with serving() as hub:
        hub.add(CARD.source, published, str(CARD.revision))
        first = load(data, "online", hub.url)
        assert (first["tensors"] + len(IGNORED), first["other"]) == (549, [])
        assert "model.ckpt" in hub.sent
        hub.forget()
        assert load(data, "online", hub.url)["other"] == []
        assert hub.asked == []
    assert holds_the_weights_once(load(data, "offline"))


def test_it_comes_from_a_local_folder(published: Path, data: Path) -> None:
    (data / "models").mkdir(parents=True)
    (data / "models" / "triposr").symlink_to(published)
    answer = load(data, "offline")
    assert (answer["tensors"] + len(IGNORED), answer["other"]) == (549, [])
    assert holds_the_weights_once(answer)


def test_it_comes_from_safetensors(published: Path, data: Path) -> None:
    folder = data / "models" / "triposr"
    folder.mkdir(parents=True)
    save_file(read_tensors(published / "model.ckpt"), folder / "model.safetensors")
    shutil.copy(published / "config.yaml", folder)
    answer = load(data, "offline")
    assert (answer["tensors"] + len(IGNORED), answer["other"]) == (549, [])
    assert holds_the_weights_once(answer)
