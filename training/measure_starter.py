"""The parts of a starter set, each loaded when it is first measured, as the application loads it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderTiny, StableDiffusionControlNetPipeline, StableDiffusionPipeline

from models.catalogue import find_card
from models.load import load_background_remover, load_control, load_pipeline, load_tiny
from models.runtime import Runtime, pick_runtime
from training.data import Bytes
from training.export import JUDGE_FILE, load_judge
from training.judge import answers
from training.matting import SIDE, Remove
from training.questions import Answer
from tsr import TSR

Ask = Callable[[Bytes], list[Answer]]  # pictures [N, H, W, 3] -> what each was taken for
WEIGHTS = "diffusion_pytorch_model.safetensors"
PICTURES = (
    "model_index.json", "latent_rgb.json", "scheduler/scheduler_config.json", "tokenizer/tokenizer.json",
    "text_encoder/model.safetensors", f"unet/{WEIGHTS}", f"vae/{WEIGHTS}",
)  # fmt: skip
FILES: dict[str, tuple[str, tuple[str, ...]]] = {  # by folder: the stage that makes it, and what it holds
    "pictures": ("pictures", PICTURES),
    "fast": ("student", (f"unet/{WEIGHTS}", "scheduler/scheduler_config.json")),
    "previews": ("tiny", ("config.json", WEIGHTS)),
    "control": ("control", ("config.json", WEIGHTS)),
    "meshes": ("meshes", ("config.yaml", "model.safetensors")),
    "background": ("matting", ("matting.onnx",)),
}


class MissingWeights(Exception):
    """Weights that are not there; the text names them, and how to make them."""


def require(path: Path, stage: str) -> Path:
    """The path itself, a file or folder that is there.

    Raises:
        MissingWeights: naming it, and the stage that makes it.
    """
    if not path.exists():
        raise MissingWeights(f"{path} is not there: `python -m training.make_starter --only {stage}`")
    return path


@dataclass(frozen=True)
class Starter:
    """A starter folder; every part raises MissingWeights where its weights are not there."""

    folder: Path
    judge_file: Path = JUDGE_FILE

    def part(self, name: str) -> Path:
        """The folder of a part, with all of its files."""
        stage, files = FILES[name]
        folder = require(self.folder / name, stage)
        for file in files:
            require(folder / file, stage)
        return folder

    @cached_property
    def runtime(self) -> Runtime:
        return pick_runtime()

    @cached_property
    def judge(self) -> Ask:
        """Raises OtherJudge too."""
        model = load_judge(require(self.judge_file, "judge"))
        return lambda pictures: answers(model, torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255)

    @cached_property
    def pipeline(self) -> StableDiffusionPipeline:
        return load_pipeline(find_card("starter"), self.part("pictures"), self.runtime)

    @cached_property
    def fast(self) -> StableDiffusionPipeline:
        """The fast edition's UNet and scheduler among the other parts of the pictures."""
        base = self.part("pictures")
        return load_pipeline(find_card("starter"), self.part("fast"), self.runtime, base)

    @cached_property
    def held(self) -> StableDiffusionControlNetPipeline:
        """The pictures' pipeline held by the ControlNet."""
        card, folder = find_card("starter-scribble"), self.part("control")
        held: Any = StableDiffusionControlNetPipeline(
            **self.pipeline.components,
            controlnet=load_control(card, folder, self.runtime),
            requires_safety_checker=False,
        )
        held.set_progress_bar_config(disable=True)
        return held

    @cached_property
    def tiny(self) -> AutoencoderTiny:
        return load_tiny(self.part("previews"), self.runtime)

    @cached_property
    def network(self) -> TSR:
        return TSR.from_pretrained(self.part("meshes"))

    @cached_property
    def remove(self) -> Remove:
        """Through rembg, whose U2Nets the network is made like."""
        card = replace(
            find_card("u2net"), name="starter-background", files=("matting.onnx",), native_size=SIDE
        )
        return load_background_remover(card, self.part("background"))
