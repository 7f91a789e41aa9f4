"""Checkpoints of one file in the original layout, opened without the network and kept as folders."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.card import ModelCard
from models.errors import MaquetteError, UnreadableFile
from models.layouts import LAYOUTS, Layout
from models.sniff import tensor_names

_VOCABULARY = ("vocab.json", "merges.txt")
_INPUT = "model.diffusion_model.input_blocks.0.0.weight"
# What a file is, by a part of a name that no other kind has; the first that fits counts.
_KINDS = {
    "joint_blocks.": "Stable Diffusion 3",
    "double_blocks.": "Flux",
    "control_model.": "a ControlNet",
    "conditioner.embedders.0.model.": "the refiner of Stable Diffusion XL",
    "conditioner.embedders.1.model.": "Stable Diffusion XL",
    "cond_stage_model.model.": "Stable Diffusion 2",
    "cond_stage_model.transformer.": "Stable Diffusion 1",
    "lora": "a LoRA",
}
_FAMILIES = {"Stable Diffusion 1": "sd", "Stable Diffusion XL": "sdxl"}


def opened(
    card: ModelCard,
    file: Path,
    models_dir: Path,
    tokenizers: Iterable[Path],
    layouts: Mapping[str, Layout] = LAYOUTS,
) -> Path:
    """The folder in diffusers' layout that a file was converted to, now or at an earlier start.

    Args:
        tokenizers: folders that may hold the words' numbers, which the file lacks: vocab.json and merges.txt.

    Raises:
        UnreadableFile: for a file of another architecture, or without a tokenizer.
    """
    state = file.stat()
    mark = hashlib.sha256(f"{file.resolve()} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:12]
    home = models_dir / "converted"
    folder = home / f"{card.name}-{mark}"
    if not folder.is_dir():
        part = home / f"{folder.name}.part"
        shutil.rmtree(part, ignore_errors=True)
        try:
            _convert(file, part, layouts[family_of(file)], tokenizers)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        for old in home.glob(f"{card.name}-{'?' * len(mark)}"):
            shutil.rmtree(old)  # of an earlier content of the file
        part.rename(folder)
    return folder


def family_of(file: Path) -> str:
    """Which layout a file is in.

    Raises:
        UnreadableFile: naming what it is instead.
    """
    try:
        names = tensor_names(file)
    except MaquetteError as error:
        raise UnreadableFile(error.message) from error
    kind = next((kind for part, kind in _KINDS.items() if any(part in name for name in names)), None)
    if kind not in _FAMILIES:
        told = "nothing that is known" if kind is None else kind
        raise UnreadableFile(f"it is {told}; a single file must be Stable Diffusion 1.5 or XL.")
    if _inputs(file, names) not in (None, 4):
        raise UnreadableFile("it is made for painting over; convert it to a diffusers folder first.")
    return _FAMILIES[kind]


def _inputs(file: Path, names: Iterable[str]) -> int | None:
    """How many channels the UNet sees."""
    from safetensors import safe_open

    if _INPUT not in names:
        return None
    with safe_open(file, framework="pt") as tensors:
        return int(tensors.get_slice(_INPUT).get_shape()[1])


def _convert(file: Path, folder: Path, layout: Layout, tokenizers: Iterable[Path]) -> None:
    """Write a folder in diffusers' layout, in the file's own precision."""
    import diffusers
    import torch
    from safetensors import safe_open

    layout.write(folder)
    words = _tokenizer(tokenizers, layout.configs["text_encoder"]["vocab_size"])
    for part in layout.tokenizers:
        for name in words:
            shutil.copyfile(name, folder / part / name.name)
    with safe_open(file, framework="pt") as tensors:
        half = tensors.get_slice(_INPUT).get_dtype() in ("F16", "BF16")
    kind: Any = getattr(diffusers, layout.pipeline)
    pipeline = kind.from_single_file(
        str(file), config=str(folder), local_files_only=True, dtype=torch.float16 if half else torch.float32
    )
    pipeline.save_pretrained(folder)


def _tokenizer(folders: Iterable[Path], count: int) -> list[Path]:
    """The files of the first folder that has a tokenizer of so many words.

    Raises:
        UnreadableFile: where none has.
    """
    for folder in folders:
        found = [folder / name for name in _VOCABULARY]
        if all(file.is_file() for file in found) and len(json.loads(found[0].read_text())) == count:
            return found
    raise UnreadableFile(
        "a single file has no tokenizer, and there is none on this machine. Download sd15 or sdxl, or put "
        "vocab.json and merges.txt of CLIP into a folder `tokenizer` beside the file."
    )
