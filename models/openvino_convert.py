"""From torch to OpenVINO: the networks of a pipeline as a folder in the layout that optimum publishes."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.openvino_engine import import_openvino
from models.openvino_exports import Export, exports
from models.openvino_graph import NETWORK

if TYPE_CHECKING:
    from openvino import Model


_TABLE = 1024  # numbers in the largest of them
_MOST_HALF = 65504.0  # what float16 can tell


def convert_pipeline(pipeline: Any, folder: Path, *, int8: bool) -> None:
    """Write all of a pipeline of float32 on the CPU, as `convert` does."""

    def beside(made: Path) -> None:
        pipeline.save_config(made)
        pipeline.scheduler.save_pretrained(made / "scheduler")
        for name in ("tokenizer", "tokenizer_2"):
            if getattr(pipeline, name, None) is not None:
                getattr(pipeline, name).save_pretrained(made / name)
        colours = Path(pipeline.name_or_path) / "latent_rgb.json"
        if colours.is_file():
            shutil.copyfile(colours, made / colours.name)

    convert(exports(pipeline), folder, beside, int8=int8)


def convert(
    found: Iterable[Export], folder: Path, beside: Callable[[Path], None] = lambda made: None, *, int8: bool
) -> None:
    """Write networks with weights in float16, or in eight bits where that will do, and what is beside them.

    The folder appears whole or not at all, in the place of an earlier one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        beside(made)
        for export in found:
            write(export, made, int8=int8)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)


def write(export: Export, folder: Path, *, int8: bool) -> None:
    """Trace one network and write it with its config."""
    ov = import_openvino()
    model = _traced(export)
    if int8 and export.compress:
        model = _compressed(model)
    _halve(model)
    place = folder / export.folder
    export.save_config(place)
    ov.save_model(model, place / NETWORK, compress_to_fp16=False)


def _traced(export: Export) -> Model:
    """The network as OpenVINO's, its inputs of any size but for channels, its outputs named."""
    import_openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer's, about checks of shapes that diffusers makes
        # Not traced a second and third time to compare: the tests do that, once for all users.
        decoder = TorchScriptPythonDecoder(
            export.network.eval(), example_input=export.example, trace_kwargs={"check_trace": False}
        )
        # Straight through the frontend: `convert_model` raises the level of all our loggers meanwhile, and
        # leaves it raised where it fails.
        frontend = FrontEndManager().load_by_framework("pytorch")
        model: Model = frontend.convert(frontend.load(decoder))
    model.reshape({name: _open(name, tensor) for name, tensor in export.example.items()})
    for port, name in zip(model.outputs, export.outputs, strict=True):
        port.get_tensor().set_names({name})
    return model


def _open(name: str, tensor: Tensor) -> list[int]:
    """A shape with all that may vary left open: batch, sides and tokens, but not what a number is made of."""
    if name == "input_ids":
        return [-1, -1]
    return [*([-1] if tensor.ndim else []), *(_kept(tensor))]


def _kept(tensor: Tensor) -> list[int]:
    if tensor.ndim == 4:
        return [tensor.shape[1], -1, -1]
    return [-1, tensor.shape[2]] if tensor.ndim == 3 else list(tensor.shape[1:])


def _halve(model: Model) -> None:
    """Keep weights in float16, in place, but not small tables: of a timestep's waves each digit counts."""
    from openvino import opset13

    for node in model.get_ops():
        if node.get_type_name() != "Constant" or node.get_element_type().get_type_name() != "f32":
            continue
        numbers = node.get_data()
        if numbers.size > _TABLE and abs(numbers).max() < _MOST_HALF:
            users = node.output(0).get_target_inputs()
            half = opset13.convert(opset13.constant(numbers.astype("float16")), "f32")
            for port in users:
                port.replace_source_output(half.output(0))


def _compressed(model: Model) -> Model:
    """The network with weights of eight bits."""
    with redirect_stdout(StringIO()):  # it draws progress bars
        import logging

        import nncf

        # Not `nncf.set_log_level`, which raises the level of every handler too, whoever put it there.
        logging.getLogger("nncf").setLevel(logging.ERROR)
        found: Model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_ASYM)
    return found
