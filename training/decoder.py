"""The decoder trained last, alone: latents stay as they are, pictures become sharper."""

from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

from training.autoencoder import gradient_loss, to_signed
from training.data import Bytes, ToySet
from training.loop import Plan, train
from training.place import autocast, batch_for, device, moved, place_of
from training.states import digest_of

FACTOR = 16  # pixels a latent
NOISE = 0.15  # deviation added to the latents at most, of 1


def train_decoder(
    autoencoder: AutoencoderKL, latents: Tensor, data: ToySet, file: Path, steps: int, batch: int = 4
) -> AutoencoderKL:
    """Continue the decoder on the finished latents [N, 8, 16, 16] of the pictures."""
    autoencoder.requires_grad_(False).eval().to(device(), memory_format=torch.channels_last)
    batch = batch_for(place_of(autoencoder), batch)
    autoencoder.decoder.requires_grad_(True)
    autoencoder.post_quant_conv.requires_grad_(True)
    plan = Plan(steps, rate=6e-4, weight_decay=0.0, warm_up=50, ema=0.998)

    def loss(step: int) -> Tensor:
        return loss_at(autoencoder, latents, data, step, batch)

    return cast(AutoencoderKL, train("decoder", file, autoencoder, plan, loss, digest_of(latents)))


def loss_at(model: AutoencoderKL, latents: Tensor, data: ToySet, step: int, batch: int) -> Tensor:
    """Reconstruction of whole pictures from latents that are slightly wrong, as a painter's are."""
    chosen = np.random.default_rng(step).integers(0, len(latents), batch)
    place, pictures = place_of(model), to_signed(cast(Bytes, data.take("picture", chosen)))
    given, target = moved(place, latents[torch.from_numpy(chosen)].float(), pictures)
    given = given + NOISE * torch.rand(len(given), 1, 1, 1, device=place) * torch.randn_like(given)
    with autocast(place):
        result = model.decode(given.to(memory_format=torch.channels_last)).sample
    result = result.float()
    kept = functional.l1_loss(functional.avg_pool2d(result, FACTOR), functional.avg_pool2d(target, FACTOR))
    return functional.l1_loss(result, target) + gradient_loss(result, target) + kept
