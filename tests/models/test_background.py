"""rembg's own sessions, on a network in ONNX that finds what is bright."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from tests.miniature import make_background
from tests.starter_parts import with_parts


def new_store(data_dir: Path) -> ModelStore:
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    return ModelStore(
        runtime, data_dir, offline=True, starter_dir=data_dir / "starter", catalogue=with_parts()
    )


def assert_cuts_out_what_is_bright(store: ModelStore, name: str) -> None:
    picture = np.zeros((90, 120, 3), np.uint8)
    picture[20:70, 30:80] = (250, 240, 230)
    cut = store.background_remover(name)(Image.fromarray(picture))
    alpha = np.asarray(cut)[..., 3]
    assert (cut.mode, cut.size) == ("RGBA", (120, 90))
    assert alpha[30:60, 40:70].min() > 230 and alpha[:10].max() < 15


@pytest.mark.parametrize(("name", "side"), [("u2net", 320), ("u2netp", 320), ("isnet-general-use", 1024)])
def test_a_network_of_rembgs_in_the_data_folder_cuts_the_object_out(
    name: str, side: int, tmp_path: Path
) -> None:
    make_background(tmp_path / "models" / name / f"{name}.onnx", side)
    assert_cuts_out_what_is_bright(new_store(tmp_path), name)


def test_a_network_that_ships_is_used_as_rembgs_are(tmp_path: Path) -> None:
    make_background(tmp_path / "starter" / "background" / "matting.onnx")
    assert_cuts_out_what_is_bright(new_store(tmp_path), "starter-background")


def test_a_damaged_network_is_told_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "models" / "u2net" / "u2net.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cut short")
    with pytest.raises(MaquetteError, match="u2net.onnx is there, but cannot be read") as caught:
        new_store(tmp_path).background_remover("u2net")
    assert caught.value.code == "MODEL_MISSING"
