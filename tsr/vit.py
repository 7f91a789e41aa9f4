"""The picture's tokens: a ViT with the parameter names of transformers 4.35."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tsr.config import TSRConfig
from tsr.products import Linear, attention

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
EPS = 1e-12


class SelfAttention(nn.Module):
    """Three projections, with bias."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = Linear(width, width)
        self.key = Linear(width, width)
        self.value = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self._parts())
        return attention(q, k, v).transpose(1, 2).flatten(2)  # [B, T, C]

    def _parts(self) -> tuple[nn.Module, nn.Module, nn.Module]:
        return self.query, self.key, self.value


class Dense(nn.Module):
    """A linear layer one name deeper, as the checkpoint has it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.dense = Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(x)  # type: ignore[no-any-return]


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.output = Dense(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.attention(x))  # type: ignore[no-any-return]


class Layer(nn.Module):
    """Pre-norm attention and exact-GELU MLP, each with its residual."""

    def __init__(self, width: int, heads: int, mlp: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.intermediate = Dense(width, mlp)
        self.output = Dense(mlp, width)
        self.layernorm_before = nn.LayerNorm(width, EPS)
        self.layernorm_after = nn.LayerNorm(width, EPS)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.layernorm_before(x))
        return x + self.output(F.gelu(self.intermediate(self.layernorm_after(x))))  # type: ignore[no-any-return]


class PatchEmbeddings(nn.Module):
    def __init__(self, width: int, patch: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(3, width, patch, patch)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.projection(pictures).flatten(2).transpose(1, 2)  # type: ignore[no-any-return]


class Embeddings(nn.Module):
    """Patches, class token and positions."""

    def __init__(self, width: int, patch: int, image_size: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.position_embeddings = nn.Parameter(torch.empty(1, (image_size // patch) ** 2 + 1, width))
        nn.init.trunc_normal_(self.position_embeddings, std=0.02)
        self.patch_embeddings = PatchEmbeddings(width, patch)

    def forward(self, pictures: Tensor) -> Tensor:
        patches = self.patch_embeddings(pictures)
        tokens = torch.cat([self.cls_token.expand(len(patches), -1, -1).to(patches.dtype), patches], dim=1)
        positions = resize_positions(self.position_embeddings.float(), math.isqrt(patches.shape[1]))
        return tokens + positions.to(tokens.dtype)


def resize_positions(positions: Tensor, side: int) -> Tensor:
    """Bicubic resize of [1, 1 + n * n, C] to side x side patches, with the scale of transformers 4.35.

    That release adds 0.1 to the side before dividing, and the published weights were trained with it."""
    own = math.isqrt(positions.shape[1] - 1)
    if own == side:
        return positions
    grid = positions[:, 1:].transpose(1, 2).unflatten(2, (own, own))
    scale = (side + 0.1) / own
    grid = F.interpolate(grid, scale_factor=(scale, scale), mode="bicubic", align_corners=False)
    return torch.cat([positions[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)


class Encoder(nn.Module):
    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        sizes = (config.vit_hidden, config.vit_heads, config.vit_mlp)
        self.layer = nn.ModuleList(Layer(*sizes) for _ in range(config.vit_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layer:
            x = layer(x)
        return x


class ViT(nn.Module):
    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config.vit_hidden, config.vit_patch, config.vit_image_size)
        self.encoder = Encoder(config)
        self.layernorm = nn.LayerNorm(config.vit_hidden, EPS)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.layernorm(self.encoder(self.embeddings(pictures)))  # type: ignore[no-any-return]


class ImageTokenizer(nn.Module):
    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        self.size = config.cond_image_size
        self.model = ViT(config)

    def forward(self, pictures: Tensor) -> Tensor:
        """Tokens [B, 1 + n * n, C] of RGB pictures [B, 3, H, W] in [0, 1], resized to the network's size."""
        if pictures.shape[-2:] != (self.size, self.size):
            size = (self.size, self.size)
            pictures = F.interpolate(pictures, size, mode="bilinear", align_corners=False, antialias=True)
        mean = pictures.new_tensor(MEAN).view(3, 1, 1)
        std = pictures.new_tensor(STD).view(3, 1, 1)
        return self.model((pictures - mean) / std)  # type: ignore[no-any-return]
