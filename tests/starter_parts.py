"""The catalogue with parts of the starter set that tests make: in their formats, under their names."""

from dataclasses import replace

from models.card import ModelCard
from models.catalogue import CATALOGUE

_WEIGHTS = "diffusion_pytorch_model.safetensors"


def with_parts() -> dict[str, ModelCard]:
    """The catalogue in which the starter has a quick edition, a tiny autoencoder and a background network."""
    starter = replace(CATALOGUE["starter"], live="starter-fast", preview="starter-previews")
    fast = replace(
        starter,
        name="starter-fast",
        title="Quick starter",
        source="fast",
        default_steps=4,
        default_guidance=1.0,
        live="",
        parts_of="starter",
        files=("unet/config.json", f"unet/{_WEIGHTS}", "scheduler/scheduler_config.json"),
        sha256=(),
    )
    previews = replace(
        CATALOGUE["taesd"],
        name="starter-previews",
        title="Tiny starter",
        source="previews",
        revision=None,
        files=("config.json", _WEIGHTS),
    )
    background = replace(
        CATALOGUE["u2net"],
        name="starter-background",
        title="Starter scissors",
        source="background",
        revision=None,
        md5="",
        good_at="bright things",
        files=("matting.onnx",),
    )
    return CATALOGUE | {card.name: card for card in (starter, fast, previews, background)}
