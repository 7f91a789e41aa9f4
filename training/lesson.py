"""From pictures to what the painter learns from: scaled latents and captions."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from torch import Tensor

from training import states
from training.autoencoder import encode_all
from training.data import ToySet
from training.pictures import Lesson, new_scheduler
from training.words import make_tokenizer


def make_lesson(autoencoder: AutoencoderKL, data: ToySet, work: Path) -> Lesson:
    """The latents of every picture, and the tokenizer of their captions."""
    tokenizer = make_tokenizer(work / "tokenizer")
    latents = all_latents(autoencoder, data, work)
    return Lesson(latents, data.toys, tokenizer, torch.as_tensor(new_scheduler().alphas_cumprod))


def lesson_of(pipeline: StableDiffusionPipeline, latents: Tensor, data: ToySet) -> Lesson:
    """What a finished pipeline goes on to learn from."""
    alphas = torch.as_tensor(pipeline.scheduler.alphas_cumprod)
    return Lesson(latents, data.toys, pipeline.tokenizer, alphas)


def all_latents(autoencoder: AutoencoderKL, data: ToySet, work: Path) -> Tensor:
    """Scaled latents [N, 8, 16, 16] in float16, kept until the autoencoder is trained further."""
    kept, source = work / "latents.pt", work / "autoencoder.pt"
    if kept.exists() and kept.stat().st_mtime > source.stat().st_mtime:
        found: Tensor = states.kept(kept)
        if len(found) == len(data):
            return found
    scaled: Tensor = encode_all(autoencoder, data, len(data)) * autoencoder.config.scaling_factor
    states.keep(kept, scaled)
    return scaled
