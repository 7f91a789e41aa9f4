"""The starter autoencoder: 256 px pictures to 16 x 16 latents of 8 channels and back."""

from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from training.data import Bytes, ToySet, load_shards
from training.loop import Plan, train
from training.place import autocast, batch_for, device, place_of

CROP = 128
FACTOR = 16  # pixels a latent
LEAST_VARIANCE = 0.05  # added to that of every direction of the latents, whose mean is 1


def new_autoencoder() -> AutoencoderKL:
    """Five levels: a side shrinks by 16, without attention.

    One group in the norms: several would each lose the scale of their own channels, and colours with it.
    """
    channels = (16, 32, 64, 128, 128)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 5,
        up_block_types=("UpDecoderBlock2D",) * 5,
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=8,
        norm_num_groups=1,
        sample_size=256,
        mid_block_add_attention=False,
    )


def train_autoencoder(
    toys: Path, file: Path, steps: int, begin: Path | None = None, batch: int = 4
) -> AutoencoderKL:
    """Train, and return the averaged model with whitened latents; `begin` is a folder to start from."""
    data = load_shards(toys, "picture")
    torch.manual_seed(0)
    model = AutoencoderKL.from_pretrained(begin).float() if begin else new_autoencoder()
    model.to(device(), memory_format=torch.channels_last)  # a third less time a step
    batch = batch_for(place_of(model), batch)
    plan = Plan(steps, rate=8e-4 if begin else 1.5e-3, weight_decay=0.0)

    def loss(step: int) -> Tensor:
        return loss_at(model, data, step, batch)

    average = train("autoencoder", file, model, plan, loss, data.digest)
    finished = cast(AutoencoderKL, average)
    whiten(finished, data)
    return finished


def loss_at(model: AutoencoderKL, data: ToySet, step: int, batch: int) -> Tensor:
    """Reconstruction of one batch: absolute error of pixels and of their gradients, and a slight KL term.

    Whole pictures, as the application codes them: the norms see all of a picture, and would code crops in
    another way.
    """
    chosen = np.random.default_rng(step).integers(0, len(data), batch)
    place = place_of(model)
    target = to_signed(cast(Bytes, data.take("picture", chosen))).to(place)
    with autocast(place):
        posterior = model.encode(target.to(memory_format=torch.channels_last)).latent_dist
        result = model.decode(posterior.sample()).sample
    result = result.float()
    kl = 0.5 * (posterior.mean.pow(2) + posterior.var - 1 - posterior.logvar).float().mean()
    total: Tensor = functional.l1_loss(result, target) + gradient_loss(result, target) + 1e-5 * kl
    return total + colour_loss(posterior.mean.float(), result, target)


def colour_loss(latents: Tensor, result: Tensor, target: Tensor) -> Tensor:
    """Three latent channels carry the mean colour of their 16 pixel square, and the result keeps it.

    Without this, shapes come first and colours only after many thousand steps.
    """
    colour = functional.avg_pool2d(target, FACTOR)
    kept = functional.l1_loss(functional.avg_pool2d(result, FACTOR), colour)
    return kept + 0.5 * functional.l1_loss(latents[:, :3], 3 * colour)


def to_signed(pictures: Bytes) -> Tensor:
    """Bytes [B, H, W, 3] to [B, 3, H, W] in [-1, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def crop(picture: Bytes, rng: np.random.Generator, side: int = CROP) -> Bytes:
    """A square of a white-backed picture, its centre somewhere in the box around the object."""
    inked = picture.min(-1) < 250
    corner = []
    for axis in (1, 0):
        found = np.flatnonzero(inked.any(axis))
        middle = int(rng.integers(found[0], found[-1] + 1))
        corner.append(min(max(middle - side // 2, 0), picture.shape[0] - side))
    return picture[corner[0] : corner[0] + side, corner[1] : corner[1] + side]


def gradient_loss(a: Tensor, b: Tensor) -> Tensor:
    """Absolute error of the differences between neighbours, at two scales: edges stay sharp."""
    total = a.new_zeros(())
    for scale in (1, 2):
        if scale > 1:
            a, b = functional.avg_pool2d(a, scale), functional.avg_pool2d(b, scale)
        across = functional.l1_loss(a[..., 1:] - a[..., :-1], b[..., 1:] - b[..., :-1])
        down = functional.l1_loss(a[..., 1:, :] - a[..., :-1, :], b[..., 1:, :] - b[..., :-1, :])
        total = total + across + down
    return total


@torch.no_grad()
def encode_all(model: AutoencoderKL, data: ToySet, count: int, batch: int = 16) -> Tensor:
    """Mean latents [count, 8, 16, 16] of the first pictures, unscaled, in float16."""
    place, found = place_of(model), []
    for start in range(0, count, batch):
        indices = np.arange(start, min(start + batch, count))
        pictures = to_signed(cast(Bytes, data.take("picture", indices))).to(place)
        with autocast(place):
            posterior = model.encode(pictures.to(memory_format=torch.channels_last)).latent_dist
        found.append(posterior.mean.half().cpu())
    return torch.cat(found)


@torch.no_grad()
def whiten(model: AutoencoderKL, data: ToySet) -> None:
    """Bring the latents to mean 0 and their channels apart, inside the two 1 x 1 convolutions around them.

    As trained, all channels mostly say how dark a place is, and what else they say is drowned by the least
    noise: a painter would see details in its last steps only. Directions that hardly vary stay small.
    """
    latents = encode_all(model, data, min(len(data), 512)).float().to(place_of(model))
    flat = latents.permute(0, 2, 3, 1).flatten(0, 2)
    mean, count = flat.mean(0), flat.shape[1]
    variance, directions = torch.linalg.eigh(torch.cov(flat.T))
    scale = (variance + LEAST_VARIANCE).rsqrt()
    there, back = (directions @ torch.diag(by) @ directions.T for by in (scale, 1 / scale))
    into, out_of = model.quant_conv, model.post_quant_conv
    spread = posterior_variance(model, data)
    into.bias[:count] = there @ (into.bias[:count] - mean)
    into.weight[:count] = torch.einsum("ij,jkhw->ikhw", there, into.weight[:count])
    into.bias[count:] = (there.pow(2) @ spread).log()  # of each channel, the same everywhere
    into.weight[count:] = 0
    out_of.bias += out_of.weight[:, :, 0, 0] @ mean
    out_of.weight.copy_(torch.einsum("ijhw,jk->ikhw", out_of.weight, back))
    model.register_to_config(scaling_factor=1.0)


@torch.no_grad()
def posterior_variance(model: AutoencoderKL, data: ToySet) -> Tensor:
    """Mean variance [C] of the latents that the encoder gives a picture."""
    pictures = to_signed(cast(Bytes, data.take("picture", np.arange(min(len(data), 32)))))
    return cast(Tensor, model.encode(pictures.to(place_of(model))).latent_dist.var.mean((0, 2, 3)))


def fit_latent_rgb(latents: Tensor, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Least squares factors [C, 3] and bias [3]: latents [B, C, h, w] to pictures [B, 3, H, W] in [-1, 1]."""
    small = functional.interpolate(pictures, latents.shape[-2:], mode="area")
    x = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]).double()
    y = small.permute(0, 2, 3, 1).reshape(-1, 3).double()
    x = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)
    solution = torch.linalg.lstsq(x, y).solution.float()
    return solution[:-1], solution[-1]


def parameter_count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
