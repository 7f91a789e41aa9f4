"""One network of an OpenVINO folder: read once, compiled for each set of shapes that it is asked for."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UnreadableFile
from models.openvino_control import add_residuals, is_residual
from models.openvino_engine import Engine, Precision

if TYPE_CHECKING:
    from openvino import InferRequest, Model
    from torch import Tensor

NETWORK = "openvino_model.xml"
_KEPT_BYTES = 2**30  # of weights in compiled forms, each of which holds its own
_MOST_FORMS = 8


class ShapeRefused(ValueError):
    """The network was not made for these shapes."""


class Graph:
    """A network that takes and gives torch tensors by name.

    It is compiled for every set of shapes, which makes it up to twice as fast as one form for all of them;
    the forms used last are kept. Names of a ControlNet's outputs make it a form that takes them.
    """

    def __init__(self, engine: Engine, path: Path, precision: Precision | None = None) -> None:
        """Read the network of an .xml file; `precision` overrules the engine's.

        Raises:
            UnreadableFile: naming a file that is not there or cannot be read.
        """
        self._engine = engine
        self.precision: Precision = precision or engine.given.precision
        self.place = engine.given.name
        self.model = _read(engine, path)
        weights = [op for op in self.model.get_ops() if op.get_type_name() == "Constant"]
        self.int8 = any(op.get_element_type().get_type_name() in ("u8", "i8") for op in weights)
        width = 4 if self.precision == "f32" else 2
        self.nbytes = width * sum(math.prod(op.get_output_shape(0)) for op in weights)
        self._kinds = {port.get_any_name(): port.get_element_type().to_dtype() for port in self.model.inputs}
        self._forms: OrderedDict[tuple[Any, ...], InferRequest] = OrderedDict()
        self._most = min(max(1, _KEPT_BYTES // max(1, self.nbytes)), _MOST_FORMS)

    @property
    def inputs(self) -> dict[str, list[int | None]]:
        """The shapes that the file gives its inputs, None where any size will do."""
        return {
            port.get_any_name(): [
                side.get_length() if side.is_static else None for side in port.get_partial_shape()
            ]
            for port in self.model.inputs
        }

    @property
    def outputs(self) -> list[str]:
        """The outputs' names, in order."""
        return [min(port.get_names(), default="") for port in self.model.outputs]

    def __call__(self, given: Mapping[str, Tensor]) -> list[Tensor]:
        """The outputs in float32, in order.

        Raises:
            ShapeRefused: for shapes that the network cannot take.
        """
        import torch

        request = self._form({name: list(tensor.shape) for name, tensor in given.items()})
        request.infer({name: self._ready(name, tensor) for name, tensor in given.items()}, share_inputs=True)
        count = len(request.model_outputs)
        return [torch.from_numpy(request.get_output_tensor(i).data.copy()).float() for i in range(count)]

    def prepare(self, shapes: Mapping[str, list[int]]) -> None:
        """Compile for shapes that will be asked for.

        Raises:
            ShapeRefused: for shapes that the network cannot take.
        """
        self._form(shapes)

    def _ready(self, name: str, tensor: Tensor) -> Any:
        """A tensor as the input of that name takes it; what a ControlNet adds is float32."""
        numbers = tensor.detach().cpu().float().contiguous().numpy()
        return numbers.astype(self._kinds.get(name, numbers.dtype), copy=False)

    def _form(self, shapes: Mapping[str, list[int]]) -> InferRequest:
        """The network compiled for these shapes."""
        key = tuple((name, *shapes[name]) for name in sorted(shapes))
        if key not in self._forms:
            while len(self._forms) >= self._most:
                self._forms.popitem(last=False)
            self._forms[key] = self._compile(shapes)
        self._forms.move_to_end(key)
        return self._forms[key]

    def _compile(self, shapes: Mapping[str, list[int]]) -> InferRequest:
        """A copy of the network with these shapes, compiled."""
        model = self.model.clone()
        if any(map(is_residual, shapes)):
            add_residuals(model)
        try:
            model.reshape(dict(shapes))
        except RuntimeError as error:
            raise ShapeRefused(f"{dict(shapes)}: {error}") from error
        return self._engine.compile(model, self.precision).create_infer_request()


def _read(engine: Engine, path: Path) -> Model:
    """The network of a file.

    Raises:
        UnreadableFile: where it, or its weights, are not there or cannot be read.
    """
    for file in (path, path.with_suffix(".bin")):
        if not file.is_file():
            raise UnreadableFile(f"{file.parent.name}/{file.name} is not among its files.")
    try:
        return engine.read(path)
    except RuntimeError as error:
        broken = path.with_suffix(".bin") if "bin file" in str(error) else path
        raise UnreadableFile(
            f"{broken.parent.name}/{broken.name} is no OpenVINO network, or only a part of one."
        ) from error
