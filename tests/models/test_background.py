"""rembg's own sessions, on a network in ONNX that finds what is bright."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from PIL import Image

from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore


def write_network(path: Path, side: int) -> None:
    """The mean of the channels, as a mask: pictures [1, 3, side, side] -> [1, 1, side, side]."""
    mean = helper.make_node("ReduceMean", ["picture", "axes"], ["mask"], keepdims=1)
    graph = helper.make_graph(
        [mean],
        "bright",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, side, side])],
        [helper.make_tensor("axes", TensorProto.INT64, [1], [1])],
    )
    path.parent.mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)


def new_store(data_dir: Path) -> ModelStore:
    return ModelStore(Runtime(torch.device("cpu"), torch.float32, "a test"), data_dir, offline=True)


@pytest.mark.parametrize(("name", "side"), [("u2net", 320), ("u2netp", 320), ("isnet-general-use", 1024)])
def test_a_network_of_rembgs_in_the_data_folder_cuts_the_object_out(
    name: str, side: int, tmp_path: Path
) -> None:
    write_network(tmp_path / "models" / name / f"{name}.onnx", side)
    picture = np.zeros((90, 120, 3), np.uint8)
    picture[20:70, 30:80] = (250, 240, 230)
    cut = new_store(tmp_path).background_remover(name)(Image.fromarray(picture))
    alpha = np.asarray(cut)[..., 3]
    assert (cut.mode, cut.size) == ("RGBA", (120, 90))
    assert alpha[30:60, 40:70].min() > 230 and alpha[:10].max() < 15


def test_a_damaged_network_is_told_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "models" / "u2net" / "u2net.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cut short")
    with pytest.raises(MaquetteError, match="u2net.onnx is there, but cannot be read") as caught:
        new_store(tmp_path).background_remover("u2net")
    assert caught.value.code == "MODEL_MISSING"
