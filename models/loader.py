"""From a card and its files to the model in memory; files that cannot be read are named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.catalogue import ModelCard
from models.errors import MaquetteError, UnreadableFile
from models.load import load_background_remover, load_control, load_pipeline, load_tiny, load_tsr
from models.memory import is_out_of_memory, size_of
from models.missing import missing
from models.openvino_engine import PlaceRefused
from models.openvino_load import is_converted, load_openvino
from models.runtime import Runtime
from models.safety import load_safety_checker
from models.single_file import opened


def load_model(
    card: ModelCard,
    place: Path,
    runtime: Runtime,
    models_dir: Path,
    tokenizers: Sequence[Path],
    base: Path | None = None,
) -> Any:
    """The model of a folder, or of a single file, which is converted when it is first loaded.

    Args:
        tokenizers: folders of which the first with the files of one serves a single file.
        base: the folder of the model whose other parts this one takes, where its card names one.

    Raises:
        MaquetteError: MODEL_MISSING for files that cannot be read, BAD_REQUEST for OpenVINO's elsewhere.
        PlaceRefused: where OpenVINO's graphics processor does not take it.
        RuntimeError: for lack of memory.
    """
    from safetensors import SafetensorError

    from tsr.errors import TSRError

    try:
        folder = opened(card, place, models_dir, tokenizers) if _is_checkpoint(card, place) else place
        return _load(card, folder, runtime, models_dir, base)
    except UnreadableFile as error:
        raise missing(card, str(error)) from error
    except PlaceRefused:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, TSRError) as error:
        if is_out_of_memory(error):
            raise
        raise missing(card, f"its files are there, but cannot be read ({type(error).__name__}).") from error


def bytes_needed(card: ModelCard, runtime: Runtime) -> int:
    """Bytes that a model's weights will take; those that come in half precision may be doubled."""
    import torch

    doubled = card.variant == "fp16" and runtime.dtype == torch.float32
    return card.size_bytes * (2 if doubled else 1)


def bytes_taken(card: ModelCard, model: Any) -> int:
    """Bytes that a loaded model takes."""
    if card.family == "rembg":
        return card.size_bytes
    if card.task == "safety":
        return size_of([model.network])
    return size_of(model.components.values() if card.task == "image" else [model])


def _is_checkpoint(card: ModelCard, place: Path) -> bool:
    """Whether all parts of a pipeline are in one file."""
    return card.family in ("sd", "sdxl") and place.is_file()


def _load(card: ModelCard, folder: Path, runtime: Runtime, models_dir: Path, base: Path | None) -> Any:
    """By the library of its family, or as OpenVINO's networks where these draw."""
    if card.family == "tsr":
        return load_tsr(card, folder, runtime)
    if card.family == "rembg":
        return load_background_remover(card, folder)
    if card.task in ("image", "control") and runtime.openvino is not None:
        return load_openvino(card, folder, runtime.openvino, models_dir, base)
    if card.task == "safety":
        return load_safety_checker(folder, runtime)
    if card.task == "preview":
        return load_tiny(folder, runtime)
    if card.task == "control":
        return load_control(card, folder, runtime)
    if is_converted(folder):
        raise MaquetteError(
            "BAD_REQUEST", f"model: {card.name!r} is OpenVINO's; start Maquette with device openvino"
        )
    return load_pipeline(card, folder, runtime, base)
