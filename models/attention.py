"""Attention in plain products: on a processor they use its bfloat16 instructions, the fused form does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn

QUERIES = 256  # query rows at a time: their scores stay in the cache
FEWEST = 256  # keys below which the fused form is as fast


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(D)) v: q [B, heads, N, D], k and v [B, heads, M, D] -> [B, N, heads, D]."""
    batch, heads, rows, width = q.shape
    found = q.new_empty(batch, rows, heads, width)
    scaled = q * width**-0.5
    for example in range(batch):
        for head in range(heads):
            keys, values = k[example, head].T, v[example, head]
            for start in range(0, rows, QUERIES):
                some = slice(start, start + QUERIES)
                weights = torch.softmax(scaled[example, head, some] @ keys, dim=-1)
                found[example, some, head] = weights @ values
    return found


class PlainAttention:
    """How a layer of diffusers attends, for those without masks and norms of their own."""

    def __call__(
        self,
        layer: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """x [B, N, C] or [B, C, h, w], and what it looks at [B, M, C'], None for itself -> like x."""
        from torch.nn.functional import scaled_dot_product_attention

        if attention_mask is not None:
            raise ValueError("PlainAttention takes no mask")
        x, shape = hidden_states, hidden_states.shape
        if len(shape) == 4:
            x = x.flatten(2).transpose(1, 2)
        if layer.group_norm is not None:
            x = layer.group_norm(x.transpose(1, 2)).transpose(1, 2)
        seen = x if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = (
            part.unflatten(-1, (layer.heads, -1)).transpose(1, 2)
            for part in (layer.to_q(x), layer.to_k(seen), layer.to_v(seen))
        )
        if k.shape[2] < FEWEST:
            found = scaled_dot_product_attention(q, k, v).transpose(1, 2)
        else:
            found = attention(q, k, v)
        out: Tensor = layer.to_out[0](found.flatten(2))
        if len(shape) == 4:
            out = out.transpose(1, 2).reshape(shape)
        if layer.residual_connection:
            out = out + hidden_states
        return out / layer.rescale_output_factor if layer.rescale_output_factor != 1 else out


def attend_plainly(network: nn.Module) -> None:
    """Have every layer of a network attend so that can."""
    from diffusers.models.attention_processor import Attention

    plain = PlainAttention()
    for layer in network.modules():
        if isinstance(layer, Attention) and not _has_extras(layer):
            layer.set_processor(plain)


def _has_extras(layer: Any) -> bool:
    """Whether a layer does more than attend."""
    extras = (layer.spatial_norm, layer.norm_q, layer.norm_k, layer.norm_cross)
    return any(bool(extra) for extra in extras)
