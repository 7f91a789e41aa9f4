"""LoRA files: small changes to a picture model, put on and taken off without touching its weights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from models.errors import MaquetteError

if TYPE_CHECKING:
    from torch import Tensor, nn

_outfits: WeakKeyDictionary[Any, dict[str, float]] = WeakKeyDictionary()  # what each UNet wears


class Loras:
    """The LoRA files of a folder, known by their names without suffix."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> dict[str, Path]:
        """Every LoRA by its name."""
        return {path.stem: path for path in sorted(self.folder.glob("*.safetensors"))}

    def find(self, name: str) -> Path:
        """The file of a LoRA.

        Raises:
            MaquetteError: BAD_REQUEST naming those that are there.
        """
        files = self.files()
        if name not in files:
            there = ", ".join(files) or "none"
            raise MaquetteError(
                "BAD_REQUEST",
                f"loras: {name[:64]!r} is not in the folder `loras` of the data folder; there is {there}",
            )
        return files[name]


def wear(pipeline: Any, loras: Mapping[Path, float]) -> None:
    """Have a pipeline draw with exactly these LoRAs, each as strongly as its number says.

    Those that it wears already stay on, so that the next picture begins at once.

    Raises:
        MaquetteError: BAD_REQUEST for a file that is no LoRA for this model, which then wears none.
    """
    from torch import nn

    if not isinstance(pipeline.unet, nn.Module):
        if loras:
            raise MaquetteError("BAD_REQUEST", "loras: OpenVINO's networks take none; use another device")
        return
    wanted = {_adapter(path): (path, weight) for path, weight in loras.items()}
    outfit = {adapter: weight for adapter, (_, weight) in wanted.items()}
    if _outfits.get(pipeline.unet, {}) == outfit:
        return
    _outfits.pop(pipeline.unet, None)
    if set(wanted) != _worn(pipeline):
        take_off(pipeline)
        with _plain_layers(pipeline):
            for adapter, (path, _) in wanted.items():
                _put_on(pipeline, adapter, path)
    if wanted:
        pipeline.set_adapters(list(outfit), list(outfit.values()))
        _outfits[pipeline.unet] = outfit


def take_off(pipeline: Any) -> None:
    """Have a pipeline draw as it did before it wore any LoRA."""
    _outfits.pop(pipeline.unet, None)
    if _worn(pipeline):
        pipeline.unload_lora_weights()


def _worn(pipeline: Any) -> set[str]:
    """The adapters that a pipeline wears."""
    return {name for names in pipeline.get_list_adapters().values() for name in names}


def _adapter(path: Path) -> str:
    """A name for the content of a file, in the few characters that a module's name may have."""
    state = path.stat()
    digest = hashlib.sha256(f"{path} {state.st_mtime_ns} {state.st_size}".encode()).hexdigest()[:12]
    return re.sub(r"\W", "_", path.stem, flags=re.ASCII)[:32] + "_" + digest


@contextmanager
def _plain_layers(pipeline: Any) -> Iterator[None]:
    """Adapters are laid around plain layers; those that were packed are packed again inside them."""
    from models.packing import pack, packs, unpack

    packed = packs(pipeline.unet.dtype, pipeline.device)
    if packed:
        unpack(pipeline.unet)
    try:
        yield
    finally:
        if packed:
            pack(pipeline.unet)


def _put_on(pipeline: Any, adapter: str, path: Path) -> None:
    """Load one file; where that fails, every LoRA is taken off."""
    from safetensors import SafetensorError

    try:
        _refuse_misfit(pipeline, path)
        pipeline.load_lora_weights(str(path.parent), **_file(path), adapter_name=adapter)
        if adapter not in _worn(pipeline):
            raise ValueError("it changes nothing")
    except MaquetteError:
        pipeline.unload_lora_weights()
        raise
    except (ValueError, KeyError, TypeError, RuntimeError, AttributeError, OSError, SafetensorError) as error:
        pipeline.unload_lora_weights()
        raise MaquetteError(
            "BAD_REQUEST", f"loras: {path.stem!r} is no LoRA that can be read ({type(error).__name__})"
        ) from error


def _file(path: Path) -> dict[str, Any]:
    """How diffusers is told to read one file of a folder, and nothing else."""
    return {"weight_name": path.name, "local_files_only": True, "use_safetensors": True}


def _refuse_misfit(pipeline: Any, path: Path) -> None:
    """Raise BAD_REQUEST for a file whose layers are not the model's, naming the first."""
    from diffusers.utils import convert_unet_state_dict_to_peft

    found = pipeline.lora_state_dict(str(path.parent), **_file(path), unet_config=pipeline.unet.config)[0]
    state = {key.removeprefix("unet."): value for key, value in found.items() if key.startswith("unet.")}
    if state and "lora_A" not in next(iter(state)):
        state = convert_unet_state_dict_to_peft(state)
    misfit = _misfit(pipeline.unet, state)
    if misfit is not None:
        raise MaquetteError(
            "BAD_REQUEST", f"loras: {path.stem!r} was made for a model of another architecture: {misfit}"
        )


def _misfit(network: nn.Module, state: Mapping[str, Tensor]) -> str | None:
    """What is wrong with the first matrix that does not belong to a layer of the network."""
    layers = dict(network.named_modules())
    for key, matrix in state.items():
        name, _, side = key.rpartition(".lora_")
        if side not in ("A.weight", "B.weight"):
            continue
        weight = getattr(layers.get(name), "weight", None)
        if weight is None:
            return f"the layer {name} is not in the model"
        axis = 1 if side.startswith("A") else 0
        there, wanted = weight.shape[axis], matrix.shape[axis]
        if there != wanted:
            return f"the layer {name} has {there} {('outputs', 'inputs')[axis]} in the model, not {wanted}"
    return None
