"""What a half-drawn picture looks like, for next to nothing: a linear map from latents to colours."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

LONGEST = 512
_SD = [
    [0.3512, 0.2297, 0.3227],
    [0.3250, 0.4974, 0.2350],
    [-0.2829, 0.1762, 0.2721],
    [-0.2120, -0.2616, -0.7177],
]
_SDXL = [
    [0.3651, 0.4232, 0.4341],
    [-0.2533, -0.0042, 0.1068],
    [0.1076, 0.1111, -0.0362],
    [-0.3165, -0.2492, -0.2188],
]
# Fitted by the community to the published autoencoders: factors (rows: channels, columns: R, G, B) and bias.
_PUBLISHED = {
    "StableDiffusionPipeline": (_SD, [0.0, 0.0, 0.0]),
    "StableDiffusionXLPipeline": (_SDXL, [0.1084, -0.0175, -0.0011]),
}


@dataclass(frozen=True)
class LatentColours:
    """rgb in [-1, 1] = latents @ factors [C, 3] + bias [3], for latents as the UNet sees them."""

    factors: Tensor
    bias: Tensor

    def draw(self, latents: Tensor) -> Image.Image:
        """Latents [N, C, h, w] as one picture, several tiled row by row, the longest side 512."""
        rgb = latents.detach().float().cpu().permute(0, 2, 3, 1) @ self.factors + self.bias
        levels = rgb.nan_to_num().mul(127.5).add(127.5).round_().clamp_(0, 255).byte()
        return Image.fromarray(_enlarge(_tile(levels)).numpy())


@dataclass(frozen=True)
class TinyDecoder:
    """What a tiny autoencoder makes of latents as the UNet sees them: sharper, and slow on a processor."""

    network: Any

    def draw(self, latents: Tensor) -> Image.Image:
        """Latents [N, C, h, w] as one picture, several tiled row by row, the longest side 512."""
        rgb = self.network.decode(latents.to(self.network.dtype), return_dict=False)[0].float().cpu()
        levels = rgb.permute(0, 2, 3, 1).nan_to_num().mul(127.5).add(127.5).round_().clamp_(0, 255).byte()
        return Image.fromarray(_enlarge(_tile(levels)).numpy())


def colours_of(pipeline: Any) -> LatentColours:
    """The map that belongs to a pipeline's autoencoder: its own file, or the published one of its family."""
    import torch

    channels = pipeline.vae.config.latent_channels
    path = Path(pipeline.name_or_path) / "latent_rgb.json"
    if path.is_file():
        read = json.loads(path.read_text())
        factors, bias = read["factors"], read["bias"]
    else:
        factors, bias = _PUBLISHED.get(type(pipeline).__name__, ([], [0.0] * 3))
    if len(factors) != channels:  # an autoencoder that nobody has fitted: its first three channels
        factors, bias = [[float(i == j) / 2 for j in range(3)] for i in range(channels)], [0.0] * 3
    return LatentColours(torch.tensor(factors), torch.tensor(bias))


class CleanLatents:
    """Listens to a scheduler's steps and tells the clean latents that each of them was heading for."""

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler
        self._given: tuple[Tensor, Tensor, float, float] | None = None
        plain = scheduler.step

        # Pipelines tell their callbacks neither the network's answer nor the latents that it was given.
        @wraps(plain)
        def step(model_output: Tensor, timestep: Any, sample: Tensor, *rest: Any, **named: Any) -> Any:
            signal, noise, scale = _levels(scheduler, timestep)
            self._given = model_output, sample * scale, signal, noise
            return plain(model_output, timestep, sample, *rest, **named)

        scheduler.step = step

    def newest(self, after: Tensor, last: bool) -> Tensor:
        """What the latest step was heading for; `after` is what it left, and the result when `last`."""
        if last or self._given is None:
            return after
        answer, sample, signal, noise = self._given
        kind = self._scheduler.config.prediction_type
        if kind == "sample":
            return answer
        if kind == "v_prediction":
            return signal * sample.float() - noise * answer.float()
        return (sample.float() - noise * answer.float()) / signal


def _levels(scheduler: Any, timestep: Any) -> tuple[float, float, float]:
    """Signal and noise of the latents in a step to come, and the factor that makes their squares add up to 1.

    Half of the samplers keep latents whose noise is added to an undiminished signal (Euler, Heun, LMS).
    """
    sigmas = getattr(scheduler, "sigmas", None)
    if sigmas is None:
        kept = float(scheduler.alphas_cumprod[int(timestep)])
        return math.sqrt(kept), math.sqrt(1 - kept), 1.0
    index = scheduler.step_index
    sigma = float(sigmas[(scheduler.begin_index or 0) if index is None else index])
    if not getattr(scheduler, "state_in_first_order", True):  # a second look, halfway
        sigma = float(getattr(scheduler, "mid_point_sigma", None) or sigma)
    signal = 1 / math.sqrt(sigma**2 + 1)
    return signal, sigma * signal, 1.0 if float(scheduler.init_noise_sigma) == 1.0 else signal


def _enlarge(picture: Tensor) -> Tensor:
    """A picture [h, w, 3] of bytes with its longest side 512; here torch is five times as fast as Pillow."""
    from torch.nn.functional import interpolate

    scale = LONGEST / max(picture.shape)
    size = [max(1, round(side * scale)) for side in picture.shape[:2]]
    large = interpolate(picture[None].permute(0, 3, 1, 2), size=size, mode="bilinear")
    return large.permute(0, 2, 3, 1)[0].contiguous()


def _tile(pictures: Tensor) -> Tensor:
    """Pictures [N, h, w, 3] in a grid that is as square as can be: [rows * h, columns * w, 3]."""
    import torch

    count, height, width, _ = pictures.shape
    if count == 1:
        return pictures[0]
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    blank = torch.full((rows * columns - count, height, width, 3), 127, dtype=pictures.dtype)
    grid = torch.cat([pictures, blank]).reshape(rows, columns, height, width, 3)
    return grid.permute(0, 2, 1, 3, 4).reshape(rows * height, columns * width, 3)
