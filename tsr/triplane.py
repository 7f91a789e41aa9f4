"""The field that a scene code stands for: plane lookup and decoder."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tsr.config import TSRConfig

PLANE_AXES = ((0, 1), (0, 2), (1, 2))  # plane -> (axis of its columns, axis of its rows)

Layers = list[tuple[Tensor, Tensor]]  # weight and bias of each linear layer, first to last


@dataclass(frozen=True)
class Field:
    """What the decoder says at points: raw_density [..., 1] and raw_color [..., 3]."""

    raw_density: Tensor
    raw_color: Tensor
    density_bias: float

    @property
    def density(self) -> Tensor:
        """exp(raw_density + density_bias), [..., 1]."""
        return torch.exp(self.raw_density + self.density_bias)

    @property
    def color(self) -> Tensor:
        """sRGB in [0, 1], [..., 3]."""
        return torch.sigmoid(self.raw_color)


def sample_planes(planes: Tensor, points: Tensor) -> Tensor:
    """Bilinear features, zero outside: planes [B, 3, C, H, W], points [B, N, 3] in [-1, 1] -> [B, N, 3 C]."""
    where = torch.stack([points[..., axes] for axes in map(list, PLANE_AXES)], dim=1)  # [B, 3, N, 2]
    grid = where.flatten(0, 1).unsqueeze(1).to(planes.dtype)
    found = F.grid_sample(planes.flatten(0, 1), grid, mode="bilinear", align_corners=False)
    features = found.squeeze(2).unflatten(0, (-1, 3))  # [B, 3, C, N]
    return features.permute(0, 3, 1, 2).flatten(2)  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """MLP from plane features to raw density and raw colour."""

    def __init__(self, config: TSRConfig) -> None:
        super().__init__()
        widths = [3 * config.plane_channels] + [config.decoder_width] * config.decoder_layers
        layers: list[nn.Module] = []
        for inputs, outputs in zip(widths, widths[1:], strict=False):
            layers += [_linear(inputs, outputs), nn.SiLU()]
        self.layers = nn.Sequential(*layers, _linear(config.decoder_width, 4))

    @property
    def dtype(self) -> torch.dtype:
        """That of the weights."""
        return next(self.parameters()).dtype

    def weights(self, dtype: torch.dtype) -> Layers:
        """Weight and bias of each linear layer, first to last."""
        linears = [layer for layer in self.layers if isinstance(layer, nn.Linear)]
        return [(layer.weight.to(dtype), layer.bias.to(dtype)) for layer in linears]

    def forward(self, features: Tensor) -> Tensor:
        """[..., 3 * plane_channels] -> [..., 4]: raw density, raw colour."""
        return self.layers(features)  # type: ignore[no-any-return]


def decode(weights: Layers, features: Tensor) -> Tensor:
    """Decoder.forward with weights of another precision: [..., 3 * plane_channels] -> [..., 4]."""
    for weight, bias in weights[:-1]:
        features = F.silu(F.linear(features, weight, bias))
    return F.linear(features, *weights[-1])


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
    return layer
