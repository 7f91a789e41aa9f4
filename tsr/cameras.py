"""Cameras on a circle around the origin, in TripoSR's frame: Z up, azimuth from +X towards +Y."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

FOV_Y_DEG = 40.0
DISTANCE = 1.9


@dataclass(frozen=True)
class Rays:
    """One ray a pixel: origins and unit directions, both [..., 3]."""

    origins: Tensor
    directions: Tensor


def turntable(
    n_views: int,
    elevation_deg: float,
    height: int,
    width: int,
    distance: float = DISTANCE,
    fov_y_deg: float = FOV_Y_DEG,
) -> Rays:
    """Rays [n_views, height, width, 3] of cameras evenly spaced in azimuth; view 0 looks from +X."""
    azimuth = torch.arange(n_views) * (2 * math.pi / n_views)
    return orbit(
        azimuth, torch.full_like(azimuth, math.radians(elevation_deg)), height, width, distance, fov_y_deg
    )


def orbit(
    azimuth: Tensor,
    elevation: Tensor,
    height: int,
    width: int,
    distance: float = DISTANCE,
    fov_y_deg: float = FOV_Y_DEG,
) -> Rays:
    """Rays [N, height, width, 3] of cameras at the given angles [N] in radians, looking at the origin."""
    flat = elevation.cos()
    away = torch.stack([flat * azimuth.cos(), flat * azimuth.sin(), elevation.sin()], dim=-1)  # [N, 3]
    right = F.normalize(torch.linalg.cross(-away, away.new_tensor([0.0, 0.0, 1.0]).expand_as(away)), dim=-1)
    up = torch.linalg.cross(right, -away)
    focal = 0.5 * height / math.tan(0.5 * math.radians(fov_y_deg))
    x = (torch.arange(width) + 0.5 - width / 2) / focal  # pixel centres
    y = -(torch.arange(height) + 0.5 - height / 2) / focal
    directions = (
        x[None, None, :, None] * right[:, None, None]
        + y[None, :, None, None] * up[:, None, None]
        - away[:, None, None]
    )
    directions = F.normalize(directions, dim=-1)
    return Rays((distance * away)[:, None, None].expand_as(directions), directions)
