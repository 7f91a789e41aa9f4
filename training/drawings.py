"""What the ControlNet learns from: every toy where somebody might draw it, its outline and its latents."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from PIL import Image, ImageOps
from torch import Tensor
from tqdm import tqdm

from training import states
from training.autoencoder import to_signed
from training.data import Bytes, ToySet
from training.outlines import outline_of
from training.place import autocast, place_of

PLACED = 0.5  # share of toys that are made smaller or larger, moved and perhaps mirrored
SCALES = (0.55, 1.15)


@dataclass(frozen=True)
class Drawings:
    """Outlines, eight pixels a byte [N, H, W / 8], and scaled latents [N, C, h, w] of the same pictures."""

    rims: Tensor
    inners: Tensor
    latents: Tensor

    def take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Rims and inner edges [B, 1, H, W] of 0 and 1."""
        return unpacked(self.rims[indices]), unpacked(self.inners[indices])


def make_drawings(pipeline: StableDiffusionPipeline, data: ToySet, file: Path) -> Drawings:
    """The drawings of all toys, kept until the toys or the autoencoder are others."""
    source = data.digest + states.digest_of(pipeline.vae.quant_conv.weight)
    if file.exists():
        kept = states.kept(file)
        if kept.pop("source") == source:
            return Drawings(**kept)
    rims, inners, latents = [], [], []
    for index in tqdm(range(len(data)), desc="drawings", unit="toy", mininterval=5):
        picture = placed(cast(Bytes, data.take("picture", np.array([index])))[0], random.Random(index))
        outline = outline_of(picture)
        rims.append(np.packbits(outline.rim, axis=-1))
        inners.append(np.packbits(outline.inner, axis=-1))
        latents.append(encoded(pipeline.vae, picture))
    made = Drawings(torch.from_numpy(np.stack(rims)), torch.from_numpy(np.stack(inners)), torch.cat(latents))
    states.keep(file, vars(made) | {"source": source})
    return made


def placed(picture: Bytes, rng: random.Random) -> Bytes:
    """A white-backed picture [H, W, 3] as it is, or with its object elsewhere and of another size."""
    if rng.random() >= PLACED:
        return picture
    side = picture.shape[0]
    image = Image.fromarray(picture)
    if rng.random() < 0.5:
        image = ImageOps.mirror(image)
    left, top, right, bottom = cast(tuple[int, int, int, int], ImageOps.invert(image).getbbox())
    scale = min(rng.uniform(*SCALES), (side - 8) / max(right - left, bottom - top))
    size = (round((right - left) * scale), round((bottom - top) * scale))
    found = Image.new("RGB", (side, side), "white")
    object_alone = image.crop((left, top, right, bottom)).resize(size, Image.Resampling.LANCZOS)
    found.paste(object_alone, (rng.randint(0, side - size[0]), rng.randint(0, side - size[1])))
    return np.array(found)


@torch.no_grad()
def encoded(vae: AutoencoderKL, picture: Bytes) -> Tensor:
    """Scaled latents [1, C, h, w] in float16."""
    place = place_of(vae)
    with autocast(place):
        mean = vae.encode(to_signed(picture[None]).to(place)).latent_dist.mean
    return cast(Tensor, (mean.float() * vae.config.scaling_factor).half().cpu())


def unpacked(bits: Tensor) -> Tensor:
    """[B, H, W / 8] bytes -> [B, 1, H, W] of 0 and 1."""
    return torch.from_numpy(np.unpackbits(bits.numpy(), axis=-1)).unsqueeze(1).float()
