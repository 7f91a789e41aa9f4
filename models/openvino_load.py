"""Models that draw through OpenVINO, from a folder of its networks or of torch weights, converted once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.catalogue import ModelCard
from models.configs import read_config
from models.errors import MaquetteError
from models.load import load_control, load_pipeline
from models.missing import megabytes
from models.openvino_engine import Engine, OpenVINO
from models.openvino_graph import NETWORK, Graph
from models.runtime import Runtime
from models.schedulers import make_scheduler, read_scheduler

if TYPE_CHECKING:
    from models.openvino_parts import ControlNet

_MADE = "converted.json"
_VERSION = 1  # of what the conversion writes


def free_bytes(folder: Path) -> int:
    """What a disk has room for."""
    return shutil.disk_usage(folder).free


def load_openvino(
    card: ModelCard,
    folder: Path,
    given: OpenVINO,
    models_dir: Path,
    base: Path | None = None,
    free: Callable[[Path], int] = free_bytes,
) -> Any:
    """A pipeline, ready for a picture of its native size, or a ControlNet, whose networks are OpenVINO's.

    Args:
        base: where the folder has a UNet and a scheduler only, the folder of the model that has the rest.

    Raises:
        MaquetteError: MODEL_MISSING where the disk has no room for a conversion.
        UnreadableFile: naming a file that is not there or cannot be read.
        PlaceRefused: where only the graphics processor says no.
    """
    import torch

    if not is_converted(folder):
        folder = _converted(card, folder, base, given, models_dir, free)
    engine = Engine(given, torch.get_num_threads(), models_dir / "openvino-cache")
    if card.task == "control":
        return _control(folder, engine)
    pipeline = _assembled(card, folder, engine)
    if card.native_size:
        side = card.native_size // pipeline.vae_scale_factor
        pipeline.unet.prepare(side, pipeline.tokenizer.model_max_length)
        pipeline.vae.prepare(side)
    return pipeline


def is_converted(folder: Path) -> bool:
    """Whether a folder holds OpenVINO's networks."""
    return any((folder / name / NETWORK).is_file() for name in ("unet", "vae_decoder", "controlnet"))


def conversion_is_due(
    card: ModelCard, folder: Path, given: OpenVINO, models_dir: Path, base: Path | None = None
) -> bool:
    """Whether a folder's weights have to be converted before they can be used."""
    return not is_converted(folder) and not _is_made(_place(card, given, models_dir), _mark(folder, base))


def _place(card: ModelCard, given: OpenVINO, models_dir: Path) -> Path:
    """Where a model's conversion is kept."""
    return models_dir / f"{card.name}-ov{'-int8' if given.int8 else ''}"


def _is_made(place: Path, mark: dict[str, Any]) -> bool:
    """Whether a conversion is there and of these very weights."""
    try:
        return bool(json.loads((place / _MADE).read_text()) == mark)
    except (OSError, ValueError):
        return False


def _mark(source: Path, base: Path | None) -> dict[str, Any]:
    """What tells weights from others: the files' names, sizes and times."""
    return {"version": _VERSION, "source": _listed(source)} | ({"base": _listed(base)} if base else {})


def _listed(folder: Path) -> dict[str, list[int]]:
    """Size and time of each file of a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    facts = {str(file.relative_to(folder)): file.stat() for file in files}
    return {name: [fact.st_size, fact.st_mtime_ns] for name, fact in facts.items()}


def _converted(
    card: ModelCard,
    source: Path,
    base: Path | None,
    given: OpenVINO,
    models_dir: Path,
    free: Callable[[Path], int],
) -> Path:
    """The conversion of a model, made where it is not there or of other weights."""
    place, mark = _place(card, given, models_dir), _mark(source, base)
    if not _is_made(place, mark):
        import torch

        from models.openvino_convert import convert, convert_pipeline
        from models.openvino_exports import control_export

        _refuse_full_disk(card, models_dir, free)
        exact = Runtime(torch.device("cpu"), torch.float32, "to be converted")
        if card.task == "control":
            convert([control_export(load_control(card, source, exact))], place, int8=given.int8)
        else:
            convert_pipeline(load_pipeline(card, source, exact, base), place, int8=given.int8)
        (place / _MADE).write_text(json.dumps(mark))
    return place


def _refuse_full_disk(card: ModelCard, models_dir: Path, free: Callable[[Path], int]) -> None:
    """Raise MODEL_MISSING where a conversion, as large as the model in half precision, has no room."""
    models_dir.mkdir(parents=True, exist_ok=True)
    need, there = card.size_bytes, free(models_dir)
    if need > there:
        raise MaquetteError(
            "MODEL_MISSING",
            f"{card.title} ({card.name}): its conversion for OpenVINO takes {megabytes(need)}, and the data "
            f"folder's disk has {megabytes(there)} free. Free some, or choose another with --data-dir.",
        )


def _control(folder: Path, engine: Engine) -> ControlNet:
    """The ControlNet of a folder of OpenVINO's."""
    from models.openvino_parts import ControlNet

    place = folder / "controlnet"
    return ControlNet(Graph(engine, place / NETWORK), _config(place))


def _assembled(card: ModelCard, folder: Path, engine: Engine) -> Any:
    """The pipeline of a folder of OpenVINO's networks."""
    import diffusers

    parts = _networks(folder, engine) | _language(folder, engine, card.family == "sdxl")
    parts["scheduler"] = read_scheduler(folder / "scheduler")
    if card.scheduler is not None:
        parts["scheduler"] = make_scheduler(card.scheduler, parts["scheduler"])
    if card.family == "sdxl":
        pipeline = diffusers.StableDiffusionXLPipeline(**parts, add_watermarker=False)
    else:
        pipeline = diffusers.StableDiffusionPipeline(
            **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
    pipeline.register_to_config(_name_or_path=str(folder))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _networks(folder: Path, engine: Engine) -> dict[str, Any]:
    """UNet and autoencoder; this one in float32, as half of it shows and it is a small part of the time."""
    from models.openvino_parts import Autoencoder, UNet

    config = _config(folder / "vae_decoder")
    encoder, decoder = (
        Graph(engine, folder / f"vae_{way}" / NETWORK, "f32") for way in ("encoder", "decoder")
    )
    factor = 2 ** (len(config.block_out_channels) - 1)
    return {
        "vae": Autoencoder(encoder, decoder, config),
        "unet": UNet(Graph(engine, folder / "unet" / NETWORK), _config(folder / "unet"), factor),
    }


def _language(folder: Path, engine: Engine, two: bool) -> dict[str, Any]:
    """Tokenizers and text encoders: one of each, or two."""
    from transformers import CLIPTokenizer

    from models.openvino_parts import TextEncoder

    parts: dict[str, Any] = {}
    for suffix in ("", "_2") if two else ("",):
        place = folder / f"text_encoder{suffix}"
        parts[f"text_encoder{suffix}"] = TextEncoder(Graph(engine, place / NETWORK, "f32"), _config(place))
        parts[f"tokenizer{suffix}"] = CLIPTokenizer.from_pretrained(
            folder / f"tokenizer{suffix}", model_max_length=77, local_files_only=True
        )
    return parts


def _config(folder: Path) -> Any:
    """A network's numbers, read by attribute as diffusers does.

    Raises:
        UnreadableFile: naming it, where it is not there or says something else.
    """
    from diffusers.configuration_utils import FrozenDict

    return FrozenDict(read_config(folder / "config.json"))
