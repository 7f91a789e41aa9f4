"""Which device and precision the models run with, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from models.errors import MaquetteError

if TYPE_CHECKING:
    import torch

    from models.openvino_engine import OpenVINO

DEVICES = ("auto", "cpu", "cuda", "mps", "openvino")
DTYPES = ("auto", "float32", "float16", "bfloat16", "int8")
_CLOSE = 0.02  # relative error that bf16 may have in the trial; rounding alone gives about 0.003


class Told(NamedTuple):
    """What a user is told of a device."""

    device: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runtime:
    """A device and precision, with the reason that is shown to the user."""

    device: torch.device
    dtype: torch.dtype
    reason: str
    openvino: OpenVINO | None = None  # draws the pictures; all else is torch's

    def told(self, task: str) -> Told:
        """What does the work of a task."""
        chosen = self.openvino
        if chosen is not None and task in ("image", "control"):
            return Told(chosen.name, chosen.reason, (chosen.note,) if chosen.note else ())
        return Told(str(self.device), self.reason)


def pick_runtime(device: str = "auto", dtype: str = "auto") -> Runtime:
    """The device and precision to run with: the best there is, or the ones asked for.

    Raises:
        MaquetteError: BAD_REQUEST for an unknown name or a device that is not in this machine.
    """
    import torch

    _refuse_unknown("device", device, DEVICES)
    _refuse_unknown("dtype", dtype, DTYPES)
    if device == "openvino":
        from models.openvino_engine import pick_openvino

        others = _cpu_runtime("") if dtype in ("auto", "int8") else pick_runtime("cpu", dtype)
        return replace(others, openvino=pick_openvino(dtype))
    if dtype == "int8":
        raise MaquetteError("BAD_REQUEST", "dtype: 'int8' is for the device 'openvino' only")
    name = _best_device() if device == "auto" else device
    _refuse_absent(name)
    asked = " as asked" if device != "auto" else ""
    if dtype != "auto":
        return Runtime(torch.device(name), getattr(torch, dtype), f"{name.upper()}{asked}, {dtype} as asked")
    if name == "cuda":
        title = torch.cuda.get_device_name()
        return Runtime(torch.device("cuda"), torch.float16, f"{title}{asked} with float16")
    if name == "mps":
        return Runtime(torch.device("mps"), torch.float32, f"Apple GPU{asked} with float32")
    return _cpu_runtime(asked)


def has_bf16_instructions() -> bool:
    """Whether the processor multiplies bfloat16 itself."""
    import torch

    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def bf16_error() -> float:
    """Relative error of a small matrix product and convolution in bfloat16 against float32."""
    import torch

    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(128, 128, generator=generator) for _ in range(2))
    picture = torch.randn(1, 16, 24, 24, generator=generator)
    kernel = torch.randn(16, 16, 3, 3, generator=generator)
    half = torch.bfloat16
    pairs = [
        (a @ b, a.to(half) @ b.to(half)),
        (
            torch.nn.functional.conv2d(picture, kernel),
            torch.nn.functional.conv2d(picture.to(half), kernel.to(half)),
        ),
    ]
    return max(float((low.float() - exact).norm() / exact.norm()) for exact, low in pairs)


def _cpu_runtime(asked: str) -> Runtime:
    """bfloat16 where the processor has it and the result stays close, else float32."""
    import torch

    if not has_bf16_instructions():
        return Runtime(
            torch.device("cpu"),
            torch.float32,
            f"CPU{asked} with float32: no bf16 instructions in this processor",
        )
    error = bf16_error()
    if not error < _CLOSE:
        return Runtime(
            torch.device("cpu"), torch.float32, f"CPU{asked} with float32: bf16 is off by {error:.1%} here"
        )
    return Runtime(torch.device("cpu"), torch.bfloat16, f"CPU{asked} with bf16 instructions")


def _best_device() -> str:
    """CUDA before Apple's GPU before the CPU."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _refuse_unknown(field: str, value: str, known: tuple[str, ...]) -> None:
    """Raise BAD_REQUEST for a name outside the list."""
    if value not in known:
        raise MaquetteError("BAD_REQUEST", f"{field}: {value!r} is not one of {', '.join(known)}")


def _refuse_absent(name: str) -> None:
    """Raise BAD_REQUEST for a device that torch does not see."""
    import torch

    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not present[name]:
        there = ", ".join(device for device, found in present.items() if found)
        raise MaquetteError("BAD_REQUEST", f"device: {name!r} is not in this machine; there is {there}")
