"""Toys as somebody might draw them: outlines of their pictures, then the tremble of a hand."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import canny
from skimage.morphology import remove_small_holes, remove_small_objects
from torch import Tensor
from torch.nn import functional

from training.data import Bytes

BACKGROUND = 248  # a pixel whose every channel is above this is paper
SPECK = 60  # pixels: smaller holes and spots are gloss and noise
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Outline:
    """What a hand would draw of one picture: masks [H, W] of the rim and of the edges within."""

    rim: Mask
    inner: Mask


def outline_of(picture: Bytes) -> Outline:
    """The rim of the silhouette and the edges between parts, for a picture [H, W, 3] on white."""
    inside = silhouette(picture)
    rim = inside & ~ndimage.binary_erosion(inside)
    deep = ndimage.binary_erosion(inside, iterations=4)
    box = ndimage.find_objects(inside.astype(np.uint8))[0]  # canny is slow: only where the object is
    levels = picture[box].astype(np.float32) / 255
    edges = [canny(levels[..., channel], 1.6, 0.08, 0.16) for channel in range(3)]
    within = ndimage.binary_dilation(np.logical_or.reduce(edges) & deep[box])
    inner = np.zeros_like(inside)
    inner[box] = remove_small_objects(within, max_size=20) & deep[box]
    return Outline(rim, inner)


def silhouette(picture: Bytes) -> Mask:
    """Where a picture [H, W, 3] on white shows its object: [H, W]."""
    inside = picture.min(-1) < BACKGROUND
    cleaned: Mask = remove_small_objects(remove_small_holes(inside, max_size=SPECK), max_size=SPECK)
    return cleaned


def scribbled(rim: Tensor, inner: Tensor, strength: float = 1.0) -> Tensor:
    """Outlines as drawn by hand, white on black: rim and inner [B, 1, H, W] of 0 and 1 -> [B, 1, H, W].

    Some inner edges are left out, lines have gaps, waver and are of another width in every drawing.
    """
    count = len(rim)
    lines = torch.maximum(rim, inner * left_out(count, rim.shape[-1]))
    gaps = cloud(count, 24, rim.shape[-1]) < torch.empty(count, 1, 1, 1).uniform_(-3.0, -1.0)
    lines = wavering(functional.max_pool2d(lines, 3, 1, 1) * ~gaps, strength)
    drawn = torch.empty_like(lines)
    for n, radius in enumerate(torch.randint(0, 4, (count,)).tolist()):
        drawn[n] = functional.max_pool2d(lines[n : n + 1], 2 * radius + 1, 1, radius)[0]
    return drawn


def left_out(count: int, side: int) -> Tensor:
    """Which places of each drawing have inner edges, 0 or 1 [B, 1, side, side]: none, some or all."""
    return (cloud(count, 4, side) > torch.empty(count, 1, 1, 1).uniform_(-1.5, 2.0)).float()


def wavering(lines: Tensor, strength: float) -> Tensor:
    """Lines [B, 1, H, W] pushed about by a few pixels, slowly and a little quickly."""
    side = lines.shape[-1]
    push = torch.zeros(len(lines), 2, side, side)
    for cells, pixels in ((5, 4.0), (28, 1.0)):
        reach = strength * pixels * torch.rand(len(lines), 1, 1, 1)
        push += reach * cloud(2 * len(lines), cells, side).view(push.shape)
    steps = torch.linspace(-1 + 1 / side, 1 - 1 / side, side)
    down, across = torch.meshgrid(steps, steps, indexing="ij")
    grid = torch.stack([across, down], -1) + push.permute(0, 2, 3, 1) * 2 / side
    return (functional.grid_sample(lines, grid, align_corners=False) > 0.5).float()


def cloud(count: int, cells: int, side: int) -> Tensor:
    """Smooth noise [B, 1, side, side], of deviation about 1, with so many cells a side."""
    coarse = torch.randn(count, 1, cells, cells)
    return functional.interpolate(coarse, (side, side), mode="bicubic")
