"""OpenVINO: whether it is here, where it computes and how precisely, and networks compiled for that."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from models.errors import MaquetteError

if TYPE_CHECKING:
    from openvino import CompiledModel, Core, Model

Place = Literal["CPU", "GPU"]
Precision = Literal["f32", "f16", "bf16"]
PRECISIONS: dict[Precision, str] = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
_BY_NAME = {name: short for short, name in PRECISIONS.items()}
_CLOSE = 0.02  # relative error that half precision may have in the trial; rounding alone gives about 0.003


@dataclass(frozen=True)
class OpenVINO:
    """Where pictures are drawn, with the reason that users see, and a note where it is not as hoped."""

    place: Place
    precision: Precision
    reason: str
    core: Core = field(repr=False, compare=False)
    int8: bool = False  # whether the weights of converted models are of eight bits
    note: str = ""

    @property
    def name(self) -> str:
        """The device as jobs and pictures tell it."""
        return f"openvino {self.place}"


class PlaceRefused(RuntimeError):
    """The graphics processor did not take a network that the processor may still take."""


def import_openvino() -> Any:
    """The package, kept from telling its maker that it is used.

    Raises:
        MaquetteError: BAD_REQUEST where it is not installed.
    """
    # With no such module it falls back to a stub; else its import alone would ask the network.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError:
        raise MaquetteError(
            "BAD_REQUEST",
            "device: 'openvino' needs the package of that name; "
            "`pip install -r requirements-openvino.txt` brings it",
        ) from None
    return openvino


def pick_openvino(dtype: str = "auto", core: Core | None = None) -> OpenVINO:
    """An Intel GPU that passes a trial, else the processor; half precision where it is at home and close.

    Raises:
        MaquetteError: BAD_REQUEST where the package is not installed.
    """
    core = core or import_openvino().Core()
    refused = "it finds no Intel GPU here"
    if any(name.startswith("GPU") for name in core.available_devices):
        try:
            return _on(core, "GPU", dtype)
        except RuntimeError as error:
            refused = f"the Intel GPU failed a trial ({_first_line(error)})"
    return replace(_on(core, "CPU", dtype), note=f"OpenVINO draws on the CPU: {refused}.")


def without_gpu(given: OpenVINO, error: PlaceRefused) -> OpenVINO:
    """What remains when the graphics processor has refused a network."""
    note = f"OpenVINO draws on the CPU: the Intel GPU did not take the model ({_first_line(error)})."
    return replace(_on(given.core, "CPU", "int8" if given.int8 else "auto"), note=note)


class Engine:
    """Reads networks and compiles them for one place, in as many threads as torch uses.

    It is asked from the one thread of torch, which joins OpenVINO's own workers until they are done; these
    sleep while torch's OpenMP works and the other way round, so neither slows the other down.
    """

    def __init__(self, given: OpenVINO, threads: int, cache: Path) -> None:
        """`cache` is a folder for what the graphics processor's driver builds."""
        self.given = given
        self._threads = threads
        self._cache = cache

    def read(self, path: Path) -> Model:
        """The network of an .xml file and the .bin file beside it."""
        return self.given.core.read_model(path)

    def compile(self, model: Model, precision: Precision | None = None) -> CompiledModel:
        """A network ready to run.

        Raises:
            PlaceRefused: where only the graphics processor says no.
            RuntimeError: whatever else OpenVINO says.
        """
        options = _options(self.given.place, precision or self.given.precision, self._threads)
        if self.given.place == "GPU":  # its kernels can take minutes to build
            options["CACHE_DIR"] = str(self._cache)
        try:
            return self.given.core.compile_model(model, self.given.place, options)
        except RuntimeError as error:
            if self.given.place == "GPU":
                raise PlaceRefused(str(error)) from error
            raise


def _on(core: Core, place: Place, dtype: str) -> OpenVINO:
    """This place with the precision that was asked for, or the fastest that stays close."""
    asked = _BY_NAME.get(dtype)
    halves: dict[Place, Precision] = {"GPU": "f16", "CPU": "bf16"}
    capable = halves[place].upper() in [
        name.replace("FP", "F") for name in core.get_property(place, "OPTIMIZATION_CAPABILITIES")
    ]
    wanted: Precision = asked or (halves[place] if capable else "f32")
    precision, error = _trial(core, place, wanted)
    why = ""
    if asked is None and not error < _CLOSE:
        why = f": {PRECISIONS[precision]} is off by {error:.1%} here"
        precision, error = _trial(core, place, "f32")
    title = core.get_property(place, "FULL_DEVICE_NAME")
    weights = " and weights of eight bits" if dtype == "int8" else ""
    if asked is not None:
        why = " as asked" if precision == asked else f": {dtype} is not to be had here"
    reason = f"OpenVINO on {place} ({title}) with {PRECISIONS[precision]}{weights}{why}"
    return OpenVINO(place, precision, reason, core, dtype == "int8")


def _trial(core: Core, place: Place, wanted: Precision) -> tuple[Precision, float]:
    """The precision that a small matrix product really has there, and its relative error."""
    import numpy as np
    from openvino import Model, opset13

    random = np.random.default_rng(0)
    left, right = (random.standard_normal((128, 128), np.float32) for _ in range(2))
    given = opset13.parameter([128, 128], np.float32)
    product = Model([opset13.matmul(given, opset13.constant(right), False, False)], [given])
    compiled = core.compile_model(product, place, _options(place, wanted, 1))
    exact = left @ right
    error = float(np.linalg.norm(compiled(left)[0] - exact) / np.linalg.norm(exact))
    used = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    return used, error


def _options(place: Place, precision: Precision, threads: int) -> dict[str, Any]:
    """One request at a time, as fast as it can be; threads are not tied to cores that torch uses too."""
    options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    if place == "CPU":
        options |= {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    return options


def _first_line(error: BaseException) -> str:
    """An error's first words, without the places in OpenVINO's source that follow."""
    words = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = next((line for line in words if not line.startswith(("Exception from", "Check '"))), "no reason")
    return told[:120]
