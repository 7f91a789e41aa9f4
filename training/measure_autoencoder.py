"""What the autoencoders lose: the pictures' own around unseen toys, the tiny one's beside plain previews."""

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image
from torch import Tensor

from training.autoencoder import crop, to_signed
from training.data import HELD_OUT, Bytes, make_view, to_bytes
from training.description import Description
from training.measure_figures import Figures
from training.measure_pictures import pairs, spread
from training.toys import describe
from training.zoo import KINDS

FIRST_SEED = HELD_OUT + 10_000
BATCH = 8
Preview = Callable[
    [Tensor], Image.Image
]  # latents [1, C, h, w] as the UNet sees them -> a picture of any size


def autoencoder_figures(vae: AutoencoderKL, count: int = 48) -> Figures:
    """PSNR in dB around plain toys, and around toys of which anything may be said."""
    kinds = spread(list(KINDS), count)
    anything = [describe(random.Random(FIRST_SEED + n), kind) for n, kind in enumerate(kinds)]
    return {
        "autoencoder_psnr": object_psnr(vae, renders(pairs(count), FIRST_SEED)),
        "autoencoder_psnr_any": object_psnr(vae, renders(anything, FIRST_SEED + 1000)),
    }


def renders(toys: Sequence[Description], seed: int) -> Bytes:
    """Pictures [N, 256, 256, 3] of unseen toys."""
    return np.stack([make_view(seed + n, toy).picture for n, toy in enumerate(toys)])


def object_psnr(vae: AutoencoderKL, pictures: Bytes) -> float:
    """Mean PSNR in dB over a square around each object, of pictures that were coded whole."""
    found = [
        psnr(*cropped(picture, decoded, np.random.default_rng(n)))
        for n, (picture, decoded) in enumerate(zip(pictures, coded(vae, pictures), strict=True))
    ]
    return float(np.mean(found))


def cropped(picture: Bytes, decoded: Bytes, rng: np.random.Generator) -> tuple[Bytes, Bytes]:
    """The same square of two pictures [H, W, 3], around the object of the first."""
    marked = decoded.astype(np.uint16) + 256  # brighter than any paper: it does not move the square
    both = crop(np.dstack([picture, marked]).astype(np.uint16), rng)
    return both[..., :3].astype(np.uint8), (both[..., 3:] - 256).astype(np.uint8)


def squared_error(one: Bytes, other: Bytes) -> float:
    """Mean squared difference 0..255 of two pictures of one size."""
    return float(((one.astype(np.float64) - other) ** 2).mean())


def decibels(error: float) -> float:
    """PSNR in dB of a mean squared difference of bytes."""
    return 10 * math.log10(255**2 / max(error, 1e-9))


def psnr(one: Bytes, other: Bytes) -> float:
    """Peak signal to noise ratio in dB of two pictures of bytes."""
    return decibels(squared_error(one, other))


@torch.no_grad()
def latents_of(vae: AutoencoderKL, pictures: Bytes) -> Tensor:
    """Scaled latents [N, C, h, w] as the UNet sees them."""
    signed = to_signed(pictures).to(vae.device, vae.dtype)
    found: Tensor = vae.encode(signed).latent_dist.mean * vae.config.scaling_factor
    return found


@torch.no_grad()
def decoded_of(vae: AutoencoderKL, latents: Tensor) -> Bytes:
    """Pictures [N, H, W, 3] of scaled latents."""
    found = vae.decode(latents / vae.config.scaling_factor).sample.float().cpu()
    return to_bytes((found.permute(0, 2, 3, 1).numpy() / 2 + 0.5).clip(0, 1))


def coded(vae: AutoencoderKL, pictures: Bytes) -> Bytes:
    """Pictures [N, H, W, 3] as the autoencoder leaves them."""
    starts = range(0, len(pictures), BATCH)
    return np.concatenate(
        [decoded_of(vae, latents_of(vae, pictures[start : start + BATCH])) for start in starts]
    )


def preview_figures(vae: AutoencoderKL, tiny: Preview, linear: Preview, count: int = 24) -> Figures:
    """PSNR in dB of both sorts of previews against the finished pictures, and the ratio of squared errors."""
    errors = []
    for picture in renders(pairs(count), FIRST_SEED + 2000):
        latents = latents_of(vae, picture[None])
        finished = decoded_of(vae, latents)[0]
        errors.append([preview_error(draw(latents), finished) for draw in (tiny, linear)])
    sharp, plain = np.mean(errors, 0).tolist()
    return {
        "tiny_psnr": decibels(sharp),
        "linear_psnr": decibels(plain),
        "tiny_error": sharp / plain,
    }


def preview_error(preview: Image.Image, finished: Bytes) -> float:
    """Mean squared error of a preview at the size of the finished picture [H, W, 3]."""
    height, width = finished.shape[:2]
    small = preview.convert("RGB").resize((width, height), Image.Resampling.BOX)
    return squared_error(np.asarray(small), finished)
