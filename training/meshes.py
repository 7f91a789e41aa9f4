"""The starter mesh network: TripoSR's architecture, small; what it learns from, and how far off it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.data import NETWORK_SIZE, POINTS, Bytes, ToySet, View, load_shards
from training.field import Floats, grid
from training.framing import FARTHEST, SIGHT
from training.place import moved
from training.zoo import KINDS
from tsr import TSR, TSRConfig
from tsr.backbone import Block

LEVEL = 1 + float(np.log(25.0))  # raw density at the surface, for threshold 25 and density bias -1
STEEPNESS, CLAMP = 60.0, 6.0  # raw density per unit of distance, and how far from the level it still counts
MISSING = 2.0  # how much worse a lacking piece of a toy is than one too many: thin parts are few points
RADIUS = 0.72  # half of the box's side: one toy in fifty is cut by a little
ARRAYS = ("framed", "angles", "points", "distance", "colour")  # of a view, from which the network learns
PICKED = (600, 1000)  # points of a toy and step: in the whole box, and close to the surface
RECOLOURED = 0.5  # share of the pictures whose colour channels change places
NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
THIRD = POINTS // 3  # the first third of a toy's points lies anywhere


def new_mesh_network() -> TSR:
    """TripoSR with planes of 12 x 12 tokens, five layers of 192, and a small ViT for 128 px pictures.

    Its box holds toys that fill their frame, and no more: the published one would leave a third of every
    plane empty.
    """
    model = TSR(
        TSRConfig(
            cond_image_size=NETWORK_SIZE,
            vit_hidden=192,
            vit_layers=4,
            vit_heads=3,
            vit_mlp=768,
            vit_image_size=NETWORK_SIZE,
            vit_patch=8,
            plane_size=12,
            radius=RADIUS,
            channels=192,
            heads=3,
            head_dim=64,
            layers=5,
            plane_channels=40,
            decoder_width=64,
            decoder_layers=4,
        )
    )
    place(model)
    return model


@torch.no_grad()
def place(model: TSR) -> None:
    """Let each plane token look, from the first step on, at the part of the picture that it projects to.

    Patches and plane tokens get the same waves of their place in the picture, and cross-attention starts by
    comparing them. From a random start the network finds this out only after a thousand steps.
    """
    config = model.config
    patch = (torch.arange(config.cond_image_size // config.vit_patch) + 0.5) * config.vit_patch
    patch = patch / config.cond_image_size
    rows, columns = torch.meshgrid(patch, patch, indexing="ij")
    positions = model.image_tokenizer.model.embeddings.position_embeddings
    positions[0, 1:] = waves(rows, columns, config.vit_hidden).flatten(0, 1)
    model.tokenizer.embeddings.copy_(plane_places(config))
    model.backbone.proj_in.weight.copy_(torch.eye(config.channels))
    model.backbone.proj_in.bias.zero_()
    for block in model.backbone.transformer_blocks:
        attention = cast(Block, block).attn2
        attention.to_q.weight.copy_(torch.eye(config.channels))
        attention.to_k.weight.copy_(torch.eye(config.channels))


def plane_places(config: TSRConfig) -> Tensor:
    """Start of the plane tokens [3, C, P, P]: where the picture shows them, and which plane they belong to.

    The photo is taken from +X: its columns run along y, its rows against z. What a plane does not have of
    these, x stands in for.
    """
    axis = ((torch.arange(config.plane_size) + 0.5) / config.plane_size * 2 - 1) * config.radius
    along = 0.5 + axis / SIGHT
    second, first = torch.meshgrid(along, along, indexing="ij")  # rows and columns of a plane
    places = ((first, second), (1 - second, first), (1 - second, first))  # (x, y), (x, z), (y, z)
    found = torch.stack([waves(row, column, config.channels) for row, column in places])
    return (found + 0.5 * torch.randn(3, 1, 1, config.channels)).permute(0, 3, 1, 2)


def waves(rows: Tensor, columns: Tensor, width: int) -> Tensor:
    """Places in the picture, 0 to 1, as sines and cosines [..., width] of a quarter to four waves a side."""
    frequencies = torch.logspace(-2, 2, width // 4, base=2.0)
    down, across = (2 * torch.pi * place[..., None] * frequencies for place in (rows, columns))
    return torch.stack([down.sin(), down.cos(), across.sin(), across.cos()], -1).flatten(-2)


@dataclass(frozen=True)
class Examples:
    """What is learned from a batch of toys: pictures [B, 3, H, W], and points of each with what is there."""

    pictures: Tensor
    angles: Tensor  # [B, 2], degrees
    kinds: Tensor  # [B], by their place among all
    points: Tensor  # [B, N, 3]
    distance: Tensor  # [B, N]
    colour: Tensor  # [B, N, 3]

    def thinned(self, every: int) -> "Examples":
        """The same toys with one point in so many."""
        fewer = {name: getattr(self, name)[:, ::every] for name in ("points", "distance", "colour")}
        return replace(self, **fewer)


def load_views(toys: Sequence[Path]) -> ToySet:
    """All toys of some folders, with what the mesh network learns from."""
    sets = [load_shards(folder, *ARRAYS) for folder in toys]
    return sum(sets[1:], sets[0])


def examples(
    data: ToySet,
    rng: np.random.Generator,
    batch: int,
    place: torch.device,
    picked: tuple[int, int] = PICKED,
) -> Examples:
    """Random toys with so many points of each; half of them mirrored, some with other channels."""
    chosen = rng.integers(0, len(data), batch)
    pictures = disturbed(cast(Bytes, data.take("framed", chosen)), rng)
    angles = data.take("angles", chosen).astype(np.float32)
    points = data.take("points", chosen).astype(np.float32)
    indices = np.stack([picked_points(of_toy, rng, *picked) for of_toy in points])
    points, distance, colour = (
        np.take_along_axis(values, indices.reshape(batch, -1, *[1] * (values.ndim - 2)), 1).astype(np.float32)
        for values in (points, data.take("distance", chosen), data.take("colour", chosen))
    )
    for n in range(batch):
        if rng.random() < 0.5:
            pictures[n], points[n, :, 1] = pictures[n, :, :, ::-1].copy(), -points[n, :, 1]
            angles[n, 0] = -angles[n, 0]
        if rng.random() < RECOLOURED:
            order = rng.permutation(3)
            pictures[n], colour[n] = pictures[n, order], colour[n][:, order]
    kinds = np.array([NUMBERS[data.toys[index].kind] for index in chosen])
    arrays = (pictures, angles, kinds, points, distance, colour / np.float32(255))
    return Examples(*moved(place, *map(torch.from_numpy, arrays)))


def picked_points(points: Floats, rng: np.random.Generator, anywhere: int, near: int) -> NDArray[np.int64]:
    """Indices of some of a toy's points [POINTS, 3] in the box: from all of it, and close to the surface."""
    inside = np.flatnonzero(np.abs(points[:THIRD]).max(1) < RADIUS)
    return np.concatenate([rng.choice(inside, anywhere), THIRD + rng.permutation(2 * THIRD)[:near]])


def field_loss(raw_density: Tensor, raw_color: Tensor, distance: Tensor, colour: Tensor) -> Tensor:
    """Clamped error of raw density [B, N], cross entropy of inside and outside, and the error of colours
    [B, N, 3], weighted towards the surface. Where it is not sure, the least is to tell rather too much."""
    target = (-STEEPNESS * distance).clamp(-CLAMP, CLAMP)
    height = raw_density - LEVEL
    beyond = ((target.abs() >= CLAMP) & (height * target.sign() > CLAMP)).float()
    filled = (distance < 0).float()
    weight = 1 + (MISSING - 1) * filled
    linear = (weight * (height - target).abs() * (1 - beyond)).mean() / CLAMP
    inside = functional.binary_cross_entropy_with_logits(height, filled, weight)
    near = torch.exp(-(distance.abs() / 0.03))
    colour_error = ((torch.sigmoid(raw_color) - colour).abs().mean(-1) * near).sum() / near.sum()
    return linear + inside + 2 * colour_error


def disturbed(framed: Bytes, rng: np.random.Generator) -> Floats:
    """Pictures [B, 3, H, W] in [0, 1], some of them blurred or noisy as an autoencoder leaves them."""
    pictures = framed.transpose(0, 3, 1, 2).astype(np.float32) / 255
    for index in range(len(pictures)):
        if rng.random() < 0.3:
            small = functional.avg_pool2d(torch.from_numpy(pictures[index : index + 1]), 2)
            soft = functional.interpolate(small, scale_factor=2, mode="bilinear")[0].numpy()
            share = rng.random()
            pictures[index] = share * soft + (1 - share) * pictures[index]
        if rng.random() < 0.3:
            pictures[index] += rng.normal(0, 0.02 * rng.random(), pictures[index].shape).astype(np.float32)
    return pictures.clip(0, 1)


def volume_iou(model: TSR, framed: Bytes, distance_at: Callable[[Floats], Floats]) -> float:
    """Intersection over union of a toy and the mesh of its framed picture [H, W, 3]."""
    heights, truth = heights_and_truth(model, framed, distance_at)
    return overlap(truth, heights > 0)


@torch.no_grad()
def heights_and_truth(
    model: TSR, framed: Bytes, distance_at: Callable[[Floats], Floats], cells: int = 88
) -> tuple[Tensor, Tensor]:
    """How far raw density is above the level, and what the toy fills, on a regular grid around both: [N]."""
    points = grid(-FARTHEST, FARTHEST, cells)
    truth = torch.from_numpy(distance_at(points) < 0)
    picture = torch.from_numpy(framed).permute(2, 0, 1)[None].float() / 255
    raw = model.query(model.encode_tensor(picture)[0], torch.from_numpy(points)).raw_density
    return raw.squeeze(-1) - LEVEL, truth


def overlap(truth: Tensor, found: Tensor) -> float:
    """Intersection over union of two sets of points [N]."""
    return float((truth & found).sum() / (truth | found).sum())


@torch.no_grad()
def surface_colour_error(model: TSR, view: View) -> float:
    """Mean absolute error of colour at points within 0.01 of the true surface."""
    near = np.abs(view.distance) < 0.01
    points = torch.from_numpy(view.points[near].astype(np.float32))
    picture = torch.from_numpy(view.framed.copy()).permute(2, 0, 1)[None].float() / 255
    found = model.query(model.encode_tensor(picture)[0], points).color
    return float((found - torch.from_numpy(view.colour[near]).float() / 255).abs().mean())
