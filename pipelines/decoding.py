"""From latents to pictures by the pipeline's own autoencoder, never black."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


TILED_FROM = 192 * 192  # latents; 1536 x 1536 pixels


def decode(pipeline: Any, latents: Tensor) -> tuple[Image.Image, bool]:
    """The picture of latents [1, C, h, w] as the UNet sees them, and whether numbers had to be mended.

    Half precision can overflow in the autoencoder, which shows as a black picture: then float32 is used.
    """
    import torch

    vae = pipeline.vae
    dtype = vae.dtype
    if latents.shape[-2] * latents.shape[-1] > TILED_FROM and hasattr(vae, "enable_tiling"):
        vae.enable_tiling()  # some gigabytes less; only where the seams are small in the whole
    mended = not bool(torch.isfinite(latents).all())
    clean = _unscaled(vae, latents.nan_to_num() if mended else latents)
    with torch.no_grad():
        if dtype == torch.float16 and vae.config.force_upcast:
            pixels = _in_float32(vae, clean)
        else:
            pixels = vae.decode(clean.to(dtype), return_dict=False)[0]
        if not bool(torch.isfinite(pixels).all()):
            mended = True
            pixels = _in_float32(vae, clean).nan_to_num()
    image: Image.Image = pipeline.image_processor.postprocess(pixels, output_type="pil")[0]
    return image, mended


def _in_float32(vae: Any, latents: Tensor) -> Tensor:
    """Decode in float32 and leave the autoencoder in the precision that it had."""
    import torch

    dtype = vae.dtype
    vae.to(dtype=torch.float32)
    try:
        decoded: Tensor = vae.decode(latents.float(), return_dict=False)[0]
    finally:
        vae.to(dtype=dtype)
    return decoded


def _unscaled(vae: Any, latents: Tensor) -> Tensor:
    """Latents in the autoencoder's own scale."""
    import torch

    scale = vae.config.scaling_factor
    mean, std = getattr(vae.config, "latents_mean", None), getattr(vae.config, "latents_std", None)
    if mean is None or std is None:
        return latents.div(scale)
    shape = (1, -1, 1, 1)
    spread, middle = torch.tensor(std).view(shape).to(latents), torch.tensor(mean).view(shape).to(latents)
    return latents.mul(spread).div(scale).add(middle)
