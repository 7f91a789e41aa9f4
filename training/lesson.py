"""From pictures to what the painter learns from: scaled latents and captions."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL

from training.autoencoder import encode_all
from training.data import ToySet
from training.pictures import Lesson, new_scheduler
from training.words import make_tokenizer


def make_lesson(autoencoder: AutoencoderKL, data: ToySet, work: Path) -> Lesson:
    """The latents of every picture, and the tokenizer of their captions."""
    tokenizer = make_tokenizer(work / "tokenizer")
    latents = encode_all(autoencoder, data, len(data)).float() * autoencoder.config.scaling_factor
    return Lesson(latents.half(), data.toys, tokenizer, torch.as_tensor(new_scheduler().alphas_cumprod))
