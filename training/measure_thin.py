"""Whether meshes have the thin parts of toys: legs, handles, masts, also where the picture hides them."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.data import AZIMUTH, ELEVATION, HELD_OUT, Bytes, cut_by_cover, framed, to_bytes
from training.description import Description
from training.field import Field, Floats, ask
from training.framing import Framing, framing_of
from training.measure_figures import Figures, worst
from training.measure_pictures import Tell
from training.meshes import LEVEL
from training.palette import COLOURS
from training.render import draw
from training.toys import model
from training.zoo import KINDS
from tsr import TSR

FIRST_SEED = HELD_OUT + 60_000
TRIED = 4000  # points in the cube around a part
PRESENT = 0.5  # share of a part's points that must be inside the mesh
THIN_KINDS = [name for name, kind in KINDS.items() if kind.thin]


@dataclass(frozen=True)
class Spindly:
    """A plain toy with thin parts: its field, the rows of these in its table, and how it was seen."""

    field: Field
    thin: list[int]
    framing: Framing
    framed: Bytes


def spindly(seed: int, kind: str) -> Spindly:
    """The toy of a seed in a colour of its own, from a camera of the same seed."""
    rng = random.Random(seed)
    solid = model(rng, Description(kind, rng.choice(list(COLOURS))))
    field = Field(solid)
    azimuth, elevation = rng.uniform(*AZIMUTH), rng.uniform(*ELEVATION)
    picture, cover = draw(field, azimuth, elevation)
    cut = cut_by_cover(to_bytes(picture), cover)
    thin = [n for n, part in enumerate(solid.parts) if part.thin]
    return Spindly(field, thin, framing_of(field, cut, azimuth, elevation), framed(cut))


def own_points(toy: Spindly, row: int) -> Floats:
    """Points [N, 3] of the toy in one part of it that no thicker part holds too; none where it is buried."""
    table = toy.field.table
    centre, reach = table[row, 1:4], table[row, 19]
    tried = np.random.default_rng(row).uniform(-1, 1, (TRIED, 3)).astype(np.float32) * reach + centre
    thick = [n for n in range(len(table)) if n not in toy.thin and table[n, 18] == 0]
    alone = ask(table[row : row + 1], tried)[0] < 0
    held = ask(table[thick], tried)[0] < 0 if thick else np.zeros(TRIED, np.bool_)
    found: Floats = tried[alone & ~held & (toy.field.distance(tried) < 0)]
    return found


def lacking(network: TSR, scene_code: Tensor, points: Floats, framing: Framing) -> float:
    """How much higher raw density would have to be for the mesh of a scene code [3, C, H, W] to hold enough
    of a toy's points [N, 3]; below 0 where it holds them."""
    asked = torch.from_numpy(framing.placed(points))
    raw = network.query(scene_code, asked).raw_density.squeeze(-1)
    return LEVEL - float(torch.quantile(raw, 1 - PRESENT, interpolation="higher"))


@torch.no_grad()
def thin_parts(network: TSR, toy: Spindly) -> list[float]:
    """What the mesh of a toy lacks of each of its thin parts, see `lacking`."""
    picture = torch.from_numpy(toy.framed.copy()).permute(2, 0, 1)[None].float() / 255
    scene_code = network.encode_tensor(picture)[0]
    every = (own_points(toy, row) for row in toy.thin)
    return [lacking(network, scene_code, points, toy.framing) for points in every if len(points)]


def spindly_toys(first_seed: int, count: int) -> Iterator[tuple[str, Spindly]]:
    """So many toys of all kinds with thin parts, and their kinds."""
    for n in tqdm(range(count), desc="thin parts", unit="toy", mininterval=5):
        kind = THIN_KINDS[n % len(THIN_KINDS)]
        yield kind, spindly(first_seed + n, kind)


def thin_figures(network: TSR, count: int = 2 * len(THIN_KINDS), tell: Tell = print) -> Figures:
    """Share of thin parts that meshes of so many unseen toys have; the kinds that lose most are told."""
    found: dict[str, list[float]] = defaultdict(list)
    for kind, toy in spindly_toys(FIRST_SEED, count):
        found[kind] += [part < 0 for part in thin_parts(network, toy)]
    tell(f"kinds that lose most thin parts: {worst(found)}")
    return {"thin_parts": float(np.mean([value for values in found.values() for value in values]))}
