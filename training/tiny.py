"""The tiny autoencoder of previews: TAESD's form (Boer Bohan 2023), taught the starter's own latents."""

from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor
from torch.nn import functional

from training.autoencoder import FACTOR, gradient_loss, to_signed
from training.data import Bytes, ToySet
from training.loop import Plan, train
from training.place import autocast, batch_for, device, moved, place_of
from training.states import digest_of

CHANNELS, WIDTH = 8, 32  # of the latents, and of every layer: diffusers' stages must all be as wide
ENCODER, DECODER = (0, 1, 1, 1, 1), (2, 2, 2, 1, 0)  # blocks a stage, a factor of 2 between stages
NOISE = 0.15  # deviation added to the latents at most, of 1: previews show unfinished ones


def new_tiny() -> AutoencoderTiny:
    """Latents [B, 8, h, w] as the UNet sees them to pictures [B, 3, 16 h, 16 w] in [-1, 1], and back."""
    return AutoencoderTiny(
        encoder_block_out_channels=(WIDTH,) * len(ENCODER),
        decoder_block_out_channels=(WIDTH,) * len(DECODER),
        num_encoder_blocks=ENCODER,
        num_decoder_blocks=DECODER,
        latent_channels=CHANNELS,
    )


def train_tiny(latents: Tensor, data: ToySet, file: Path, steps: int, batch: int = 8) -> AutoencoderTiny:
    """Train on the scaled latents [N, 8, 16, 16] of the pictures, and return the average."""
    torch.manual_seed(0)
    model = new_tiny().to(device(), memory_format=torch.channels_last)
    batch = batch_for(place_of(model), batch)
    plan = Plan(steps, rate=2e-3, weight_decay=0.0, ema=0.995)

    def loss(step: int) -> Tensor:
        return loss_at(model, latents, data, step, batch)

    return cast(AutoencoderTiny, train("tiny", file, model, plan, loss, digest_of(latents)))


def loss_at(model: AutoencoderTiny, latents: Tensor, data: ToySet, step: int, batch: int) -> Tensor:
    """Error of the decoder on slightly wrong latents, and of the encoder, for one batch of whole pictures."""
    chosen = np.random.default_rng(step).integers(0, len(latents), batch)
    place, rows = place_of(model), torch.from_numpy(chosen).to(latents.device)
    pictures = to_signed(cast(Bytes, data.take("picture", chosen)))
    clean, target = moved(place, latents[rows].float(), pictures)
    noisy = clean + NOISE * torch.rand(batch, 1, 1, 1, device=place) * torch.randn_like(clean)
    with autocast(place):
        decoded = model.decode(noisy).sample.float()
        encoded = model.encode(target.contiguous(memory_format=torch.channels_last)).latents.float()
    return picture_loss(decoded, target) + functional.mse_loss(encoded, clean)


def picture_loss(found: Tensor, target: Tensor) -> Tensor:
    """Absolute error of pixels, of their gradients and of the mean of each latent's square."""
    kept = functional.l1_loss(functional.avg_pool2d(found, FACTOR), functional.avg_pool2d(target, FACTOR))
    return functional.l1_loss(found, target) + gradient_loss(found, target) + kept


def save_tiny(folder: Path, model: AutoencoderTiny) -> None:
    """A folder that `AutoencoderTiny.from_pretrained` loads, in float16."""
    model.to("cpu", torch.float16, memory_format=torch.contiguous_format).save_pretrained(folder)
