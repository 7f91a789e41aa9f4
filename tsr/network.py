"""One picture in, a scene code out, a field to ask."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from tsr.backbone import Backbone, Triplane, Upsample
from tsr.cameras import Rays, turntable
from tsr.config import TSRConfig
from tsr.render import render_rays
from tsr.triplane import Decoder, Field, sample_planes
from tsr.vit import ImageTokenizer


class TSR(nn.Module):
    """TripoSR (Tochilkin et al. 2024) with the parameter names of its published checkpoint."""

    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        self.config = config
        self.image_tokenizer = ImageTokenizer(config)
        self.tokenizer = Triplane(config.plane_size, config.channels)
        self.backbone = Backbone(config)
        self.post_processor = Upsample(config)
        self.decoder = Decoder(config)

    def encode_tensor(self, pictures: Tensor) -> Tensor:
        """RGB pictures [B, 3, H, W] in [0, 1] -> scene codes [B, 3, C, H, W], with gradients."""
        return self.encode_tokens(self.image_tokenizer(pictures))

    def encode_tokens(self, seen: Tensor) -> Tensor:
        """What the image tokenizer made of pictures [B, T, vit_hidden] -> scene codes, with gradients."""
        tokens = self.backbone(self.tokenizer(len(seen)), seen)
        return self.post_processor(tokens)  # type: ignore[no-any-return]

    @torch.no_grad()
    def encode(self, images: Sequence[Image.Image]) -> Tensor:
        """RGB pictures of any sizes -> scene codes [B, 3, C, H, W], resized as published."""
        return self.encode_tensor(torch.stack([self._tensor(image) for image in images]))

    def query(self, scene_code: Tensor, points: Tensor) -> Field:
        """The field of one scene code [3, C, H, W] at points [..., 3] in TripoSR's frame, with gradients."""
        flat = self.query_batch(scene_code[None], points.reshape(1, -1, 3))
        shape = points.shape[:-1]
        density, color = flat.raw_density.reshape(*shape, 1), flat.raw_color.reshape(*shape, 3)
        return Field(density, color, self.config.density_bias)

    def query_batch(self, scene_codes: Tensor, points: Tensor) -> Field:
        """The fields of scene codes [B, 3, C, H, W], each at its own points [B, N, 3], with gradients."""
        features = sample_planes(scene_codes, points / self.config.radius)
        raw = self.decoder(features.to(self.decoder.dtype))
        return Field(raw[..., :1], raw[..., 1:], self.config.density_bias)

    @torch.no_grad()
    def render(
        self,
        scene_code: Tensor,
        n_views: int,
        elevation_deg: float = 0.0,
        height: int = 256,
        width: int = 256,
    ) -> Tensor:
        """Views [n_views, height, width, 3] in [0, 1] of scene_code [3, C, H, W] from a circle, on white."""
        rays = turntable(n_views, elevation_deg, height, width)
        rays = Rays(rays.origins.to(scene_code.device), rays.directions.to(scene_code.device))
        query = partial(self.query, scene_code)
        return render_rays(query, rays, self.config.radius, self.config.samples_per_ray)

    def save_pretrained(self, folder: str | Path, dtype: torch.dtype | None = None) -> None:
        """Writes config.yaml and model.safetensors in the published layout; dtype None keeps the model's."""
        from tsr.checkpoint import save

        save(self, Path(folder), dtype)

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> "TSR":
        """The network of a folder with config.yaml and model.safetensors or model.ckpt, in eval mode.

        Raises: ConfigError, CheckpointError."""
        from tsr.checkpoint import load

        return load(Path(folder), torch.device(device), dtype)

    def _tensor(self, image: Image.Image) -> Tensor:
        pixels = torch.from_numpy(np.asarray(image.convert("RGB"), dtype=np.float32) / 255)
        parameter = self.tokenizer.embeddings
        picture = pixels.permute(2, 0, 1)[None].to(parameter.device)
        size = self.config.cond_image_size
        resized = nn.functional.interpolate(
            picture, (size, size), mode="bilinear", align_corners=False, antialias=True
        )
        return resized[0].to(parameter.dtype)
