"""Save what was trained in the formats that the application, and any other program, loads."""

import json
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from safetensors.torch import load_file, save_file

from training.autoencoder import fit_latent_rgb, to_signed
from training.data import Bytes, ToySet
from training.judge import Judge
from training.pictures import Lesson, Painter, new_scheduler
from tsr import TSR

JUDGE_FILE = Path(__file__).with_name("judge.safetensors")


class OtherJudge(Exception):
    """A file of a judge that was asked other questions, or was built in another way."""


def save_pictures(
    folder: Path, autoencoder: AutoencoderKL, painter: Painter, lesson: Lesson, data: ToySet
) -> None:
    """A StableDiffusionPipeline folder in float16, with the linear factors of its previews."""
    factors, bias = fit_latent_rgb(lesson.latents[:512].float(), pictures_of(data, 512))
    pipeline = StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=painter.text_encoder,
        tokenizer=lesson.tokenizer,
        unet=painter.unet,
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.unet.set_default_attn_processor()
    pipeline.text_encoder.set_attn_implementation("sdpa")
    pipeline.to("cpu", torch.float16)
    for network in (pipeline.unet, pipeline.vae):
        network.to(memory_format=torch.contiguous_format)
    pipeline.save_pretrained(folder, safe_serialization=True)
    load_in_float32(folder / "text_encoder" / "config.json")
    text = json.dumps({"factors": rounded(factors), "bias": rounded(bias)})
    (folder / "latent_rgb.json").write_text(text + "\n")


def load_in_float32(config_file: Path) -> None:
    """Have transformers load in float32 unless told otherwise, as diffusers does with its own networks."""
    config = json.loads(config_file.read_text())
    config_file.write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n")


def pictures_of(data: ToySet, count: int) -> torch.Tensor:
    """The first pictures [count, 3, 256, 256] in [-1, 1]."""
    return to_signed(cast(Bytes, data.take("picture", np.arange(count))))


def rounded(values: torch.Tensor) -> list[object]:
    result: list[object] = np.round(values.numpy().astype(np.float64), 4).tolist()
    return result


def save_meshes(folder: Path, network: TSR) -> None:
    """A TripoSR folder, config.yaml and model.safetensors, in float16."""
    network.save_pretrained(folder, torch.float16)


def save_judge(judge: Judge, file: Path = JUDGE_FILE) -> None:
    """Kept beside the training code, so that what ships can be measured without training anything."""
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.cpu().half().contiguous() for name, value in judge.state_dict().items()}, file)


def judge_beside(starter: Path) -> Path:
    """The judge of a starter set: its own, where it was made elsewhere than for the repository."""
    own = starter / JUDGE_FILE.name
    return own if own.is_file() else JUDGE_FILE


def load_judge(file: Path = JUDGE_FILE) -> Judge:
    """The judge in float32.

    Raises:
        OtherJudge: where the file's weights do not fit this one.
    """
    judge = Judge().eval()
    own, state = judge.state_dict(), load_file(file)
    if {name: value.shape for name, value in state.items()} != {name: own[name].shape for name in own}:
        raise OtherJudge(f"{file} is of another judge: `python -m training.make_starter --only judge`")
    judge.load_state_dict({name: value.to(own[name].dtype) for name, value in state.items()})
    return judge
