"""Networks whose field is known in closed form, and the recorded scenes."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tsr import TSR, TSRConfig
from tsr.folding import fold
from tsr.gridfield import Excess, GridField

DATA = Path(__file__).parent.parent / "data"
LEVEL = 1 + math.log(25)  # raw density of the surface
RADIUS = 0.87
STEEP = 20.0  # raw density per unit of the plane features
TEXELS = 128

Plane = Callable[[Tensor, Tensor], Tensor]


def tiny_config(plane_channels: int = 3, width: int = 8) -> TSRConfig:
    """A decoder of one hidden layer, and a network too small to matter."""
    return TSRConfig(
        cond_image_size=32,
        vit_hidden=32,
        vit_layers=1,
        vit_heads=2,
        vit_mlp=32,
        vit_image_size=32,
        plane_size=TEXELS // 2,
        channels=32,
        heads=2,
        head_dim=16,
        layers=1,
        plane_channels=plane_channels,
        decoder_width=width,
        decoder_layers=1,
        radius=RADIUS,
    )


def solid(across: Plane, offset: float) -> tuple[TSR, Tensor]:
    """A body where across(x, y) - z^2 > offset, in units of the radius; raw colour is 4 (x, y, z) / radius.

    The planes hold across and 1 - z^2; as silu(h) - silu(-h) = h, pairs of neurons pass sums on unchanged."""
    ticks = (torch.arange(TEXELS) * 2 + 1) / TEXELS - 1
    rows, columns = torch.meshgrid(ticks, ticks, indexing="ij")  # of (x, y): rows are y, columns x
    planes = torch.zeros(3, 3, TEXELS, TEXELS)
    planes[0] = torch.stack([across(columns, rows), columns, rows])
    planes[1, 0], planes[1, 1] = 1 - rows**2, rows  # of (x, z): rows are z
    model = TSR(tiny_config())
    first, last = (layer for layer in model.decoder.layers if isinstance(layer, torch.nn.Linear))
    sums = torch.zeros(4, 9)  # density and colour from the features of planes xy, xz, yz
    sums[0, [0, 3]] = STEEP
    sums[1, 1] = sums[2, 2] = sums[3, 4] = 4.0
    with torch.no_grad():
        first.weight.copy_(torch.cat([sums, -sums]))
        last.weight.copy_(torch.cat([torch.eye(4), -torch.eye(4)], dim=1))
        last.bias.copy_(torch.tensor([LEVEL - STEEP * (1 + offset), 0.0, 0.0, 0.0]))
    return model.eval(), planes


def ball(radius: float) -> tuple[TSR, Tensor]:
    """A ball around the origin; radius in scene units."""
    return solid(lambda x, y: 2 - x**2 - y**2, 2 - (radius / RADIUS) ** 2)


def torus(ring: float, tube: float) -> tuple[TSR, Tensor]:
    """A torus around Z; radii in scene units."""

    def across(x: Tensor, y: Tensor) -> Tensor:
        return 2 - ((x**2 + y**2).sqrt() - ring / RADIUS) ** 2

    return solid(across, 2 - (tube / RADIUS) ** 2)


def scene() -> tuple[TSR, Tensor]:
    """The recorded scene (torus, ball, box, rod) at the published decoder's size."""
    stored = np.load(DATA / "scene.npz")
    model = TSR(TSRConfig(vit_layers=1, layers=1, vit_hidden=96, vit_mlp=96, channels=64, heads=1))
    names = [name for name in stored if name.startswith("decoder.")]
    model.decoder.load_state_dict(
        {name.removeprefix("decoder."): torch.tensor(stored[name]) for name in names}
    )
    return model.eval(), torch.tensor(stored["planes"])


def grid_excess(
    model: TSR, code: Tensor, resolution: int, on_points: Callable[[int], None] = lambda points: None
) -> Excess:
    """What the isosurface asks: raw density over LEVEL on a grid."""
    folded = fold(model.decoder.weights(torch.float32), code)
    return Excess(GridField(model, code, folded, resolution), LEVEL, on_points)
