"""Toys put before backdrops: what the matting network learns from.

Pictures are float32 in [0, 1]; a place in one is (y, x) in [0, 1] with the origin at the top left.
"""

import math

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from training.backdrops import Floats, axes, backdrop, enlarged
from training.data import Bytes

EMPTY = 0.04  # share of pictures without a toy
EXTENT = (0.3, 0.95)  # longer side of a toy, of the picture's
STRETCH = 1.3  # photographs are not square, and are read as if they were
CUT_OFF = 0.15  # share of toys that the picture's edge may cut off


def example(picture: Bytes, cover: Bytes, rng: np.random.Generator, side: int) -> tuple[Floats, Floats]:
    """A toy, as shards hold it, somewhere before a backdrop: [side, side, 3], and its mask [side, side]."""
    toy, mask = placed(picture, cover, rng, side)
    if rng.random() < EMPTY:
        toy, mask = np.zeros_like(toy), np.zeros_like(mask)
    own = toy[::4, ::4].sum((0, 1)) / max(float(mask[::4, ::4].sum()), 1.0)
    behind = backdrop(rng, side, own)
    if rng.random() < 0.6 and (mask > 0.5).any():
        behind = behind * (1 - shadow(mask, rng))[..., None]
    found = toy + (1 - mask[..., None]) * behind
    return developed(found, rng), mask


def placed(picture: Bytes, cover: Bytes, rng: np.random.Generator, side: int) -> tuple[Floats, Floats]:
    """The toy moved, scaled, stretched and mirrored: colour times coverage [side, side, 3] and coverage."""
    alpha = cover.astype(np.float32) / 255
    layers: Floats = np.dstack([picture.astype(np.float32) / 255 - (1 - alpha[..., None]), alpha])  # no white
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    if not rows.size:
        return np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    layers = layers[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if rng.random() < 0.5:
        layers = layers[:, ::-1]
    stretch = STRETCH ** rng.uniform(-1, 1)
    height, width = layers.shape[0] * stretch, layers.shape[1] / stretch
    factor = rng.uniform(*EXTENT) * side / max(height, width)
    small = resized(layers, max(1, round(height * factor)), max(1, round(width * factor)))
    return on_canvas(small, rng, side)


def on_canvas(layers: Floats, rng: np.random.Generator, side: int) -> tuple[Floats, Floats]:
    """Layers [h, w, 4], no larger than the canvas, somewhere on it; now and then a third beyond its edge."""
    beyond = 1 / 3 if rng.random() < CUT_OFF else 0.0
    pad = [math.ceil(beyond * length) for length in layers.shape[:2]]
    canvas = np.zeros((side + 2 * pad[0], side + 2 * pad[1], 4), np.float32)
    top, left = (int(rng.integers(0, canvas.shape[i] - layers.shape[i] + 1)) for i in (0, 1))
    canvas[top : top + layers.shape[0], left : left + layers.shape[1]] = layers
    canvas = canvas[pad[0] : pad[0] + side, pad[1] : pad[1] + side].clip(0, 1)
    return canvas[..., :3], canvas[..., 3]


def developed(picture: Floats, rng: np.random.Generator) -> Floats:
    """As a camera or a small file shows it: another exposure, softness and grain."""
    side = picture.shape[0]
    if rng.random() < 0.3:
        fewer = round(side / rng.uniform(1.2, 3))
        picture = resized(resized(picture, fewer, fewer), side, side)
    picture = picture.clip(0, 1) ** np.float32(rng.uniform(0.7, 1.4))
    if rng.random() < 0.3:
        grain = rng.standard_normal(picture.shape, np.float32)
        picture = picture + np.float32(0.03 * rng.random()) * grain
    return picture.clip(0, 1)


def shadow(mask: Floats, rng: np.random.Generator) -> Floats:
    """Darkness [side, side] on the ground below a toy, and behind it on the side away from the light."""
    side = mask.shape[0]
    rows = np.flatnonzero((mask > 0.5).any(1))
    foot = (mask[max(rows[0], rows[-1] - side // 16) : rows[-1] + 1] > 0.5).any(0)
    columns = np.flatnonzero(foot)
    y, x = axes(side)
    left, right, bottom = float(columns[0]) / side, float(columns[-1]) / side, float(rows[-1]) / side
    half = (right - left + 2 / side) * rng.uniform(0.5, 0.8)
    middle = (left + right) / 2 + rng.uniform(-0.3, 0.3) * half
    flat = half * rng.uniform(0.12, 0.4)
    reach = ((x - middle) / half) ** 2 + ((y - bottom + 0.3 * flat) / flat) ** 2
    dark = rng.uniform(0.2, 0.7) * np.exp(-(reach ** rng.uniform(0.7, 2)))
    if rng.random() < 0.4:
        down, across = (rng.uniform(-0.1, 0.1, 2) * side).astype(int)
        thrown = np.roll(mask, (abs(down), across), (0, 1))
        fewer = int(rng.integers(12, 60))
        dark = np.maximum(dark, rng.uniform(0.1, 0.4) * soft(thrown, fewer))
    result: Floats = dark
    return result


def soft(values: Floats, fewer: int) -> Floats:
    """Values [side, side], blurred to about so many pixels a side."""
    small = Image.fromarray(values).resize((fewer, fewer), Image.Resampling.BOX)
    return enlarged(np.asarray(small), values.shape[0]).clip(0, 1)


def resized(layers: Floats, height: int, width: int) -> Floats:
    """Layers [h, w, C] at another size, antialiased."""
    values = torch.from_numpy(np.ascontiguousarray(layers)).permute(2, 0, 1)[None]
    found = functional.interpolate(values, (height, width), mode="bilinear", antialias=True)
    result: Floats = found[0].permute(1, 2, 0).numpy()
    return result
