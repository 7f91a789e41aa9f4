"""From learned triplane tokens and image tokens to the scene code."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tsr.config import TSRConfig
from tsr.products import Linear, attention

ROWS = 1024  # tokens at a time in the feed-forward layers: what lies between them stays small


class Triplane(nn.Module):
    """Learned tokens of three planes."""

    def __init__(self, plane_size: int, channels: int) -> None:
        super().__init__()
        start = torch.randn(3, channels, plane_size, plane_size) * channels**-0.5
        self.embeddings = nn.Parameter(start)

    def forward(self, batch: int) -> Tensor:
        """Tokens [B, C, 3 * P * P] in the order plane, row, column."""
        return self.embeddings.transpose(0, 1).flatten(1).expand(batch, -1, -1)


class CrossAttention(nn.Module):
    """Attention from x to context; q, k, v without bias, output with."""

    def __init__(self, width: int, context_width: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = Linear(width, heads * head_dim, bias=False)
        self.to_k = Linear(context_width, heads * head_dim, bias=False)
        self.to_v = Linear(context_width, heads * head_dim, bias=False)
        self.to_out = nn.ModuleList([Linear(heads * head_dim, width)])

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """x [B, N, C], context [B, M, D] -> [B, N, C]."""
        q = self.to_q(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        k = self.to_k(context).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        v = self.to_v(context).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        mixed = attention(q, k, v)
        return self.to_out[0](mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class GEGLU(nn.Module):
    """Gated GELU (Shazeer 2020)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)  # type: ignore[no-any-return]


class FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        # the checkpoint counts a dropout between the two layers: names are net.0 and net.2
        self.net = nn.Sequential(GEGLU(width, 4 * width), nn.Identity(), Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """x [B, N, C] -> [B, N, C]."""
        if torch.is_grad_enabled():
            return self.net(x)  # type: ignore[no-any-return]
        return torch.cat([self.net(part) for part in x.split(ROWS, dim=1)], dim=1)


class Block(nn.Module):
    """Self-attention, cross-attention to the image tokens, feed-forward; pre-norm with residuals."""

    def __init__(self, width: int, context_width: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = CrossAttention(width, width, heads, head_dim)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = CrossAttention(width, context_width, heads, head_dim)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        normed = self.norm1(x)
        x = x + self.attn1(normed, normed)
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))  # type: ignore[no-any-return]


class Backbone(nn.Module):
    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        inner = config.heads * config.head_dim
        sizes = (inner, config.vit_hidden, config.heads, config.head_dim)
        self.norm = nn.GroupNorm(32, config.channels, eps=1e-6)
        self.proj_in = Linear(config.channels, inner)
        self.transformer_blocks = nn.ModuleList(Block(*sizes) for _ in range(config.layers))
        self.proj_out = Linear(inner, config.channels)

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """tokens [B, C, N], image tokens [B, M, D] -> [B, C, N]."""
        x = self.proj_in(self.norm(tokens).transpose(1, 2))
        for block in self.transformer_blocks:
            x = block(x, context)
        return self.proj_out(x).transpose(1, 2) + tokens  # type: ignore[no-any-return]


class Upsample(nn.Module):
    """Each plane to twice its side and fewer channels."""

    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        self.side = config.plane_size
        self.upsample = nn.ConvTranspose2d(config.channels, config.plane_channels, 2, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """tokens [B, C, 3 * P * P] -> scene codes [B, 3, plane_channels, 2 P, 2 P]."""
        planes = tokens.unflatten(2, (3, self.side, self.side)).transpose(1, 2)
        return self.upsample(planes.flatten(0, 1)).unflatten(0, (-1, 3))  # type: ignore[no-any-return]
