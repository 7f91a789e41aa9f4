"""Networks of the user's own that make pictures larger, as spandrel loads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import MaquetteError
from models.memory import is_out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

    from models.runtime import Runtime

LANCZOS = "lanczos"  # the one that needs no network
ENDINGS = (".safetensors", ".pth")
HOW_TO = "pip install -r requirements-upscale.txt, with the torchvision of your build of torch"


@dataclass(frozen=True)
class Upscaler:
    """A network that enlarges: pixels [1, 3, H, W] in 0..1 -> [1, 3, scale * H, scale * W], on its device."""

    scale: int
    enlarge: Callable[[Tensor], Tensor]


def find_upscalers(folder: Path) -> dict[str, Path]:
    """The networks of a folder by the names of their files, in order."""
    return {path.name: path for path in sorted(folder.glob("*")) if path.suffix in ENDINGS}


def load_upscaler(path: Path, runtime: Runtime) -> Upscaler:
    """The network of a file, on its device in float32.

    Raises:
        MaquetteError: MODEL_MISSING without spandrel, or for a file that is none of its networks.
    """
    try:
        from spandrel import ImageModelDescriptor, ModelLoader
    except ImportError:
        raise MaquetteError("MODEL_MISSING", f"upscaler: {path.name} needs spandrel: {HOW_TO}.") from None
    try:
        model: Any = ModelLoader(runtime.device).load_from_file(path)
    except Exception as error:  # spandrel raises whatever its architectures and unpicklers raise
        if is_out_of_memory(error):
            raise
        raise MaquetteError(
            "MODEL_MISSING", f"upscaler: {path.name} cannot be read ({type(error).__name__})."
        ) from error
    if not isinstance(model, ImageModelDescriptor) or (model.input_channels, model.output_channels) != (3, 3):
        raise MaquetteError(
            "MODEL_MISSING", f"upscaler: {path.name} does not turn a colour picture into one."
        )
    return Upscaler(model.scale, model.eval())
