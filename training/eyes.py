"""The lessons of the mesh network's image tokenizer, before all the rest and beside it: what it sees, from
where, and how deep.

A toy costs it a fifth of what it costs the whole network, and which way a toy is turned takes thousands.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.data import ELEVATION, ToySet
from training.framing import SIGHT
from training.loop import Plan, train
from training.meshes import LEVEL, Examples, examples, field_loss, load_views, new_mesh_network
from training.place import autocast, batch_for, device, fuse, place_of
from training.render import DISTANCE
from training.zoo import KINDS

PICKED = (90, 160)  # points of a toy and step: in the whole box, and close to the surface
WAVES = 6  # octaves of a point's place
MATRICES = ("image_tokenizer.model.encoder",)


class Lessons(nn.Module):
    """Two heads that ask an image tokenizer, of tokens [B, 1 + side * side, width], what it sees."""

    def __init__(self, width: int, hidden: int = 128) -> None:
        super().__init__()
        self.whole = nn.Linear(2 * width, len(KINDS) + 3)
        self.around, self.there = nn.Linear(2 * width, hidden), nn.Linear(width, hidden)
        self.place = nn.Linear(3 + 6 * WAVES, hidden)
        self.field = nn.Sequential(
            nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(),
            nn.Linear(hidden, 4),
        )  # fmt: skip

    def forward(self, tokens: Tensor, angles: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """What pictures show: kinds and angles [B, K + 3]; and the field [B, N, 4] at points [B, N, 3], told
        from the tokens where a camera at angles [B, 2] sees these."""
        patches = tokens[:, 1:]
        whole = torch.cat([tokens[:, 0], patches.mean(1)], 1)
        side = round(patches.shape[1] ** 0.5)
        grid = self.there(patches).transpose(1, 2).unflatten(2, (side, side))
        seen = as_seen(points, angles[:, 1])
        there = functional.grid_sample(grid, pixels(seen).unsqueeze(2), align_corners=False).squeeze(3)
        mixed = there.transpose(1, 2) + self.around(whole).unsqueeze(1) + self.place(waves_of(seen))
        return self.whole(whole), self.field(mixed)


class Eyes(nn.Module):
    """An image tokenizer and its lessons."""

    def __init__(self) -> None:
        super().__init__()
        network = new_mesh_network()
        self.image_tokenizer = network.image_tokenizer
        self.lessons = Lessons(network.config.vit_hidden)


def as_seen(points: Tensor, elevation: Tensor) -> Tensor:
    """Points [B, N, 3] along the camera's axes: towards it, right, up; elevations [B] in degrees."""
    x, y, z = points.unbind(-1)
    tilt = torch.deg2rad(elevation).unsqueeze(1)
    return torch.stack([x * tilt.cos() + z * tilt.sin(), y, z * tilt.cos() - x * tilt.sin()], -1)


def pixels(seen: Tensor) -> Tensor:
    """Where the camera sees points [B, N, 3]: columns and rows [B, N, 2] from -1 to 1 over the picture."""
    towards, right, up = seen.unbind(-1)
    nearer = DISTANCE / (DISTANCE - towards) * 2 / SIGHT
    return torch.stack([right * nearer, -up * nearer], -1)


def waves_of(seen: Tensor) -> Tensor:
    """Points [B, N, 3] and their sines and cosines [B, N, 3 + 6 * WAVES]."""
    angles = (seen.unsqueeze(-1) * 2.0 ** torch.arange(1, WAVES + 1, device=seen.device)).flatten(-2)
    return torch.cat([seen, angles.sin(), angles.cos()], -1)


def train_eyes(toys: Sequence[Path], file: Path, steps: int, batch: int = 32) -> Eyes:
    """Train on the pictures that the mesh network will learn from, and return the averaged eyes."""
    data = load_views(toys)
    torch.manual_seed(0)
    model = Eyes()
    fuse(model.image_tokenizer, steps)
    model.to(device())
    batch = batch_for(place_of(model), batch)
    plan = Plan(steps, rate=1e-3, ema=0.998, matrices=MATRICES, matrix_rate=0.01)
    average = train("eyes", file, model, plan, lambda step: loss_at(model, data, step, batch), data.digest)
    return cast(Eyes, average)


def loss_at(model: Eyes, data: ToySet, step: int, batch: int) -> Tensor:
    """What the eyes tell wrong of one batch of toys."""
    seen = examples(data, np.random.default_rng(step), batch, place_of(model), PICKED)
    with autocast(place_of(model)):
        tokens = model.image_tokenizer(seen.pictures)
    return lesson_loss(model.lessons, tokens, seen)


def lesson_loss(lessons: Lessons, tokens: Tensor, seen: Examples) -> Tensor:
    """Error of the field, of the kinds and of the angles that tokens [B, T, width] tell."""
    told, field = lessons(tokens.float(), seen.angles, seen.points)
    wrong = field_loss(LEVEL + field[..., 0], field[..., 1:], seen.distance, seen.colour)
    return wrong + view_loss(told, seen)


def view_loss(told: Tensor, seen: Examples) -> Tensor:
    """Cross entropy of kinds, and squared error of the azimuth's sine and cosine and of the elevation."""
    azimuth, elevation = torch.deg2rad(seen.angles[:, 0]), seen.angles[:, 1] / ELEVATION[1]
    right = torch.stack([azimuth.sin(), azimuth.cos(), elevation], 1)
    kinds, angles = told.split([len(KINDS), 3], 1)
    return 0.3 * functional.cross_entropy(kinds, seen.kinds) + 5 * functional.mse_loss(angles, right)
