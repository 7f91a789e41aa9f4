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

FACTOR = 16  # pixels a latent
WINDOW, MARGIN = 10, 1  # latents of a crop, and how many at its edge only lend context
Corners = np.ndarray[tuple[int, int], np.dtype[np.int64]]
NOISE = 0.1  # deviation added to the latents at most, of 1


def train_decoder(
    autoencoder: AutoencoderKL, latents: Tensor, data: ToySet, file: Path, steps: int, batch: int = 12
) -> AutoencoderKL:
    """Continue the decoder on the finished latents [N, 8, 16, 16] of the pictures."""
    autoencoder.requires_grad_(False).eval()
    autoencoder.decoder.requires_grad_(True)
    autoencoder.post_quant_conv.requires_grad_(True)
    plan = Plan(steps, rate=8e-4, weight_decay=0.0, warm_up=50, ema=0.995)

    def loss(step: int) -> Tensor:
        return loss_at(autoencoder, latents, data, step, batch)

    return cast(AutoencoderKL, train("decoder", file, autoencoder, plan, loss))


def loss_at(model: AutoencoderKL, latents: Tensor, data: ToySet, step: int, batch: int) -> Tensor:
    """Reconstruction from slightly wrong latents: crops and whole pictures in turn."""
    rng = np.random.default_rng(step)
    whole = step % 2 == 1
    chosen = rng.integers(0, len(latents), batch // 4 if whole else batch)
    target = to_signed(cast(Bytes, data.take("picture", chosen)))
    given = latents[torch.from_numpy(chosen)].float()
    given = given + NOISE * torch.rand(len(given), 1, 1, 1) * torch.randn_like(given)
    if not whole:
        corners = rng.integers(1, latents.shape[-1] - WINDOW, (len(given), 2))
        given, target = windows(given, corners, 1), windows(target, corners, FACTOR)
    with torch.autocast("cpu", torch.bfloat16):
        result = model.decode(given).sample
    result = result.float()
    if not whole:
        edge = MARGIN * FACTOR
        result, target = result[..., edge:-edge, edge:-edge], target[..., edge:-edge, edge:-edge]
    kept = functional.l1_loss(functional.avg_pool2d(result, FACTOR), functional.avg_pool2d(target, FACTOR))
    return functional.l1_loss(result, target) + gradient_loss(result, target) + kept


def windows(values: Tensor, corners: Corners, scale: int) -> Tensor:
    """Squares of `WINDOW` latents at corners [B, 2], of latents [B, C, h, w] or, scaled, of pictures."""
    side = WINDOW * scale
    places = (corners * scale).tolist()
    cut = [
        one[:, top : top + side, left : left + side] for one, (top, left) in zip(values, places, strict=True)
    ]
    return torch.stack(cut)
