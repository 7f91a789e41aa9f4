"""The decoder with its first layer folded into the planes: a point costs lookups and the remaining layers."""

import torch
import torch.nn.functional as F
from torch import Tensor

from tsr.triplane import PLANE_AXES, Layers

TILE = 1024  # points in one picture of a batch


def fold(layers: Layers, planes: Tensor) -> Tensor:
    """Planes [3, C, H, W], each through its share of the first layer's weight: [3, H, W, width], float32.

    Lookup and that layer are linear, so they may change places; the bias is added after the lookup."""
    shares = layers[0][0].unflatten(1, (3, -1)).transpose(0, 1)  # [3, width, C]
    return torch.einsum("pfc,pchw->phwf", shares, planes.float()).contiguous()


def first_layer(layers: Layers, folded: Tensor, points: Tensor) -> Tensor:
    """The first layer's outputs [N, width] at points [N, 3] in [-1, 1]: bilinear, zero outside the planes."""
    height, width = folded.shape[1:3]
    rows, shares = [], []
    for plane, (across, down) in enumerate(PLANE_AXES):
        columns, column_shares = _neighbours(points[:, across], width)
        lines, line_shares = _neighbours(points[:, down], height)
        rows.append(((plane * height + lines[:, :, None]) * width + columns[:, None]).flatten(1))
        shares.append((line_shares[:, :, None] * column_shares[:, None]).flatten(1))
    table = folded.flatten(0, 2)
    sums = F.embedding_bag(torch.cat(rows, 1), table, per_sample_weights=torch.cat(shares, 1), mode="sum")
    return sums + layers[0][1]


def remaining_layers(layers: Layers, first: Tensor) -> Tensor:
    """What the decoder makes of its first layer's outputs: [N, width] -> [N, outputs of the last layer]."""
    hidden = F.silu(F.pad(first, (0, 0, 0, -len(first) % TILE)), inplace=True)
    # given a batch, a 1x1 convolution costs half of the matrix product, on some processors a third
    pixels = hidden.view(-1, 1, TILE, hidden.shape[1]).permute(0, 3, 1, 2)
    for weight, bias in layers[1:-1]:
        pixels = F.silu(F.conv2d(pixels, weight[:, :, None, None], bias), inplace=True)
    return F.linear(pixels.permute(0, 2, 3, 1).flatten(0, 2)[: len(first)], *layers[-1])


def _neighbours(places: Tensor, texels: int) -> tuple[Tensor, Tensor]:
    """Two texels [N, 2] around places [N] in [-1, 1], and their weights: 0 for one outside the plane."""
    where = (((places + 1) * texels - 1) / 2).clamp(-1, texels)  # from there on all is outside
    first = where.floor()
    texel = torch.stack([first, first + 1], dim=1)
    weight = (1 - (where[:, None] - texel).abs()).clamp(min=0)
    inside = (texel >= 0) & (texel < texels)
    return texel.clamp(0, texels - 1).long(), torch.where(inside, weight, 0)
