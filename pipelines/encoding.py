"""From pictures to latents by the pipeline's own autoencoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


def encode(pipeline: Any, image: Image.Image) -> Tensor:
    """The latents [1, C, h, w] of an RGB picture as the UNet sees them: the middle of what they may be.

    In float32 where the autoencoder overflows in half precision.
    """
    import torch

    vae = pipeline.vae
    dtype = vae.dtype
    pixels = pipeline.image_processor.preprocess(image).to(pipeline._execution_device)
    with torch.no_grad():
        upcast = dtype == torch.float16 and vae.config.force_upcast
        latents = None if upcast else _middle(vae, pixels.to(dtype))
        if latents is None or not bool(torch.isfinite(latents).all()):
            vae.to(dtype=torch.float32)
            try:
                latents = _middle(vae, pixels.float())
            finally:
                vae.to(dtype=dtype)
    return _scaled(vae, latents).to(pipeline.unet.dtype)


def _middle(vae: Any, pixels: Tensor) -> Tensor:
    """The mode of the autoencoder's distribution."""
    found: Tensor = vae.encode(pixels).latent_dist.mode()
    return found


def _scaled(vae: Any, latents: Tensor) -> Tensor:
    """Latents in the UNet's scale."""
    import torch

    mean, std = getattr(vae.config, "latents_mean", None), getattr(vae.config, "latents_std", None)
    if mean is not None and std is not None:
        shape = (1, -1, 1, 1)
        spread, middle = torch.tensor(std).view(shape).to(latents), torch.tensor(mean).view(shape).to(latents)
        latents = latents.sub(middle).div(spread)
    return latents.mul(vae.config.scaling_factor)
