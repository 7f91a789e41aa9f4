"""The autoencoder's latents and their preview colours."""

import json
from pathlib import Path

import numpy as np
import torch

from training.autoencoder import (
    LEAST_VARIANCE,
    encode_all,
    fit_latent_rgb,
    new_autoencoder,
    to_signed,
    whiten,
)
from training.data import SHARD, ToySet
from training.description import Description


def some_pictures() -> ToySet:
    pictures = np.random.default_rng(0).integers(0, 256, (8, 64, 64, 3), dtype=np.uint8)
    assert len(pictures) < SHARD
    return ToySet({"picture": [pictures]}, [Description("mug", "red")] * len(pictures))


def test_whitened_latents_decode_to_the_same_pictures_and_their_channels_tell_different_things() -> None:
    torch.manual_seed(0)
    model, data = new_autoencoder().eval(), some_pictures()
    with torch.no_grad():
        model.quant_conv.weight[1] = model.quant_conv.weight[0]  # these two tell the same
        model.quant_conv.weight[:8] *= 20
    picture = to_signed(data.arrays["picture"][0])  # type: ignore[arg-type]
    with torch.no_grad():
        before = model.decode(model.encode(picture).latent_dist.mean).sample
        spread = model.encode(picture).latent_dist.var.mean((0, 2, 3))
        raw = encode_all(model, data, 8).float().transpose(0, 1).flatten(1)
        whiten(model, data)
        posterior = model.encode(picture).latent_dist
        after = model.decode(posterior.mean).sample
    assert torch.allclose(after, before, atol=1e-3)
    latents = encode_all(model, data, 8).float().transpose(0, 1).flatten(1)
    assert torch.allclose(latents.mean(1), torch.zeros(8), atol=0.05)
    values, directions = torch.linalg.eigh(raw.cov())
    assert torch.allclose(torch.linalg.eigvalsh(latents.cov()), values / (values + LEAST_VARIANCE), atol=0.05)
    assert posterior.var.std((0, 2, 3)).max() < 1e-6
    there = directions @ torch.diag((values + LEAST_VARIANCE).rsqrt()) @ directions.T
    assert torch.allclose(posterior.var.mean((0, 2, 3)), there.pow(2) @ spread, rtol=0.05)


def test_preview_factors_are_found_again() -> None:
    torch.manual_seed(0)
    factors, bias = torch.randn(8, 3) * 0.2, torch.tensor([0.1, -0.2, 0.3])
    latents = torch.randn(4, 8, 16, 16)
    small = (latents.permute(0, 2, 3, 1) @ factors + bias).permute(0, 3, 1, 2)
    pictures = small.repeat_interleave(16, 2).repeat_interleave(16, 3)
    found, found_bias = fit_latent_rgb(latents, pictures)
    assert torch.allclose(found, factors, atol=1e-4)
    assert torch.allclose(found_bias, bias, atol=1e-4)


def test_the_shipped_factors_fit_the_shipped_autoencoder(starter: Path) -> None:
    from diffusers import AutoencoderKL

    from training.data import make_view

    read = json.loads((starter / "pictures" / "latent_rgb.json").read_text())
    model = AutoencoderKL.from_pretrained(starter / "pictures" / "vae")
    picture = to_signed(make_view(10_000_123).picture[None])
    with torch.no_grad():
        latents = model.encode(picture).latent_dist.mean
    guess = latents.permute(0, 2, 3, 1) @ torch.tensor(read["factors"]) + torch.tensor(read["bias"])
    truth = torch.nn.functional.avg_pool2d(picture, 16).permute(0, 2, 3, 1)
    assert float((guess - truth).abs().mean()) < 0.1
