"""The network that says whether a picture is fit to be shown, where a checkpoint names one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

    from models.runtime import Runtime

WEIGHTS = "safety_checker/model{}.safetensors"


class SafetyChecker:
    """diffusers' checker of Stable Diffusion 1, asked about one picture at a time."""

    def __init__(self, network: Any, extractor: Any) -> None:
        self.network = network
        self._extractor = extractor

    def finds_unsafe(self, image: Image.Image) -> bool:
        """Whether the checker would not show an RGB picture."""
        import torch

        seen = self._extractor(images=image, return_tensors="pt").pixel_values
        given = seen.to(self.network.device, self.network.dtype)
        with torch.no_grad():
            # It blackens what it finds; that is ours to do, so it gets a picture of one pixel.
            _, found = self.network(images=[np.zeros((1, 1, 3))], clip_input=given)
        return bool(found[0])


def names_checker(folder: Path) -> bool:
    """Whether the checkpoint of a folder names a safety checker."""
    try:
        index: Any = json.loads((folder / "model_index.json").read_text())
        return bool(index.get("safety_checker", [None])[-1])
    except (OSError, ValueError, TypeError, IndexError, AttributeError):
        return False


def has_checker(folder: Path) -> bool:
    """Whether the checker's weights are in a folder."""
    return any((folder / WEIGHTS.format(variant)).is_file() for variant in ("", ".fp16"))


def load_safety_checker(folder: Path, runtime: Runtime) -> SafetyChecker:
    """The checker of a folder, in float32 on a processor: half of it is no faster there."""
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessor

    variant = None if (folder / WEIGHTS.format("")).is_file() else "fp16"
    dtype = torch.float32 if runtime.device.type == "cpu" else runtime.dtype
    network = StableDiffusionSafetyChecker.from_pretrained(
        folder / "safety_checker", variant=variant, dtype=dtype, use_safetensors=True, local_files_only=True
    )
    extractor = CLIPImageProcessor.from_pretrained(folder / "feature_extractor", local_files_only=True)
    return SafetyChecker(network.eval().to(runtime.device), extractor)
