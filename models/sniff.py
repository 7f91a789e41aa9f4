"""What a file or folder of weights is, by its own words: the names in its header, or its configs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.card import Family, Layout, Task
from models.errors import MaquetteError

_LARGEST_HEADER = 100_000_000  # bytes, as safetensors itself limits it
Kind = Literal["model", "lora", "embedding"]


@dataclass(frozen=True)
class Sniffed:
    """What weights can be used for."""

    kind: Kind
    task: Task = "image"
    family: Family = "sd"
    layout: Layout = "folder"


def sniff(path: Path) -> Sniffed:
    """What weights are.

    Raises:
        MaquetteError: BAD_REQUEST for what is nothing that Maquette draws with.
    """
    found = _folder(path) if path.is_dir() else _file(path)
    if found is None:
        raise MaquetteError(
            "BAD_REQUEST",
            f"{path.name[:80]!r} is none of: a diffusers folder (model_index.json or config.json), a folder "
            "of OpenVINO's networks, a .safetensors of Stable Diffusion 1.5 or XL, a LoRA, an embedding",
        )
    return found


def tensor_names(file: Path) -> list[str]:
    """The names in the header of a .safetensors file.

    Raises:
        MaquetteError: BAD_REQUEST where it is none, or is cut off.
    """
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header: Any = json.loads(stream.read(length)) if length <= _LARGEST_HEADER else None
        ends = [facts["data_offsets"][1] for name, facts in header.items() if name != "__metadata__"]
        whole = file.stat().st_size == 8 + length + max(ends, default=0)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise MaquetteError(
            "BAD_REQUEST", f"{file.name[:80]!r} is no .safetensors file, or a damaged one"
        ) from None
    if not whole:
        raise MaquetteError("BAD_REQUEST", f"{file.name[:80]!r} is cut off: its length is not what it tells")
    return [name for name in header if name != "__metadata__"]


def _folder(folder: Path) -> Sniffed | None:
    """What a folder in diffusers' layout holds."""
    index = _class_name(folder / "model_index.json")
    if index:
        family: Family = "sdxl" if "XL" in index else "sd"
        converted = (folder / "unet" / "openvino_model.xml").is_file()
        return Sniffed("model", "image", family, "openvino" if converted else "folder")
    part = _class_name(folder / "config.json")
    if part == "ControlNetModel":
        return Sniffed("model", "control", _control_family(folder))
    return Sniffed("model", "preview", "sd") if part == "AutoencoderTiny" else None


def _control_family(folder: Path) -> Family:
    """Which models a ControlNet is for: XL's prompts are wider."""
    config = json.loads((folder / "config.json").read_text())
    return "sdxl" if config.get("addition_embed_type") == "text_time" else "sd"


def _file(file: Path) -> Sniffed | None:
    """What a .safetensors file holds."""
    if file.suffix != ".safetensors":
        return None
    names = tensor_names(file)
    if any(name.startswith("model.diffusion_model.") for name in names):
        xl = any(name.startswith("conditioner.embedders.1.") for name in names)
        return Sniffed("model", "image", "sdxl" if xl else "sd", "single file")
    if any("lora" in name.lower() for name in names):
        return Sniffed("lora")
    return Sniffed("embedding") if {"emb_params", "clip_l", "<concept>"} & set(names) else None


def _class_name(file: Path) -> str:
    """The class that a config names; nothing where there is none."""
    try:
        config = json.loads(file.read_text())
        return str(config["_class_name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
