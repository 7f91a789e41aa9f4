"""Strict reading and writing of the published checkpoint layout."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tsr.config import TSRConfig
from tsr.errors import CheckpointError, ConfigError

if TYPE_CHECKING:
    from tsr.network import TSR

CONFIG = "config.yaml"
WEIGHTS = ("model.safetensors", "model.ckpt")
IGNORED = ("image_tokenizer.model.pooler.dense.weight", "image_tokenizer.model.pooler.dense.bias")


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> "TSR":
    """The network of a folder, every tensor of the file accounted for.

    Raises: ConfigError, CheckpointError."""
    return assemble(read_config(folder / CONFIG), read_tensors(find_weights(folder)), device, dtype)


def assemble(
    config: TSRConfig, tensors: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
) -> "TSR":
    """A network that takes over the given tensors, so that the weights are held once.

    Raises: CheckpointError."""
    from tsr.network import TSR

    with torch.device("meta"):
        model = TSR(config)
    check(model.state_dict(), tensors)
    # the decoder is small, and every vertex depends on it: it stays exact
    used = {
        name: tensors[name].to(device, torch.float32 if name.startswith("decoder.") else dtype)
        for name in model.state_dict()
    }
    model.load_state_dict(used, strict=True, assign=True)
    return model.eval()


def check(expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    """Raises: CheckpointError that quotes missing, extra and misshapen tensors."""
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected and name not in IGNORED]
    shapes = [
        f"{name}: {list(found[name].shape)} instead of {list(tensor.shape)}"
        for name, tensor in expected.items()
        if name in found and found[name].shape != tensor.shape
    ]
    for title, names in (("missing", missing), ("unknown", extra), ("misshapen", shapes)):
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            raise CheckpointError(f"weights: {title} tensors: {', '.join(names[:5])}{more}")


def read_config(path: Path) -> TSRConfig:
    """Raises: ConfigError."""
    try:
        return TSRConfig.from_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is not text") from error


def find_weights(folder: Path) -> Path:
    """The weights file of a folder, safetensors first. Raises: CheckpointError."""
    for name in WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise CheckpointError(f"weights: neither {' nor '.join(WEIGHTS)} is there")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Named tensors of a .safetensors or a .ckpt (weights only), mapped rather than copied where possible.

    Raises: CheckpointError."""
    try:
        found = load_file(path) if path.suffix == ".safetensors" else _read_pickle(path)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise CheckpointError(f"weights: {path.name} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise CheckpointError(f"weights: {path.name} is not a flat dict of tensors")
    return found


def _read_pickle(path: Path) -> dict[str, Tensor]:
    mapped = zipfile.is_zipfile(path)  # files of the old, unzipped layout cannot be mapped
    return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)  # type: ignore[no-any-return]


def save(model: "TSR", folder: Path, dtype: torch.dtype | None = None) -> None:
    """Writes config.yaml and model.safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().to("cpu", dtype or tensor.dtype).contiguous()
        for name, tensor in model.state_dict().items()
    }
    save_file(tensors, folder / WEIGHTS[0], metadata={"format": "pt"})
    (folder / CONFIG).write_text(model.config.to_yaml(), encoding="utf-8")
