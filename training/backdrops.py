"""Made-up backgrounds of many sorts: walls, papers, cloths, tables.

Pictures are float32 in [0, 1]; a place in one is (y, x) in [0, 1] with the origin at the top left.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Sort = Callable[[np.random.Generator, int, Floats, Floats], Floats]  # of a side, in two colours


def backdrop(rng: np.random.Generator, side: int, own: Floats | None = None) -> Floats:
    """A background [side, side, 3] of any sort and colours, often near `own` [3], the toy's."""
    pair = rng.random((2, 3), np.float32)
    if rng.random() < 0.5:
        pair = pair * 0.3 + 0.7 * rng.random((2, 1), np.float32)  # walls and cloths are seldom gaudy
    if rng.random() < 0.7:
        pair[1] = pair[0] + rng.uniform(-0.25, 0.25, 3)  # and their patterns seldom strong
    if own is not None and rng.random() < 0.2:
        pair[0] = own + rng.uniform(-0.2, 0.2, 3)
    pair = pair.clip(0, 1)
    found = SORTS[rng.integers(len(SORTS))](rng, side, pair[0], pair[1])
    if rng.random() < 0.5:
        found = found * (1 + rng.uniform(0, 0.4) * (clouds(rng, side, 1) - 0.5))[..., None]
    return found.clip(0, 1).astype(np.float32)


def plain(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    return np.broadcast_to(first, (side, side, 3))


def gradient(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """From one colour to the other, across or outwards."""
    if rng.random() < 0.3:
        y, x = axes(side)
        share = np.hypot(y - rng.random(), x - rng.random())
    else:
        share = across(rng, side)
    return blend(share.clip(0, 1), first, second)


def stripes(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """Sharp or soft, and as wide as their gaps or not."""
    return blend(bands(rng, across(rng, side)), first, second)


def checks(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """Squares, tiles with joints, or a weave."""
    y, x = axes(side)
    turn = rng.uniform(0, math.pi / 2) if rng.random() < 0.5 else 0.0
    along, down = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    period, state = rng.integers(2**32), np.random.default_rng
    one, other = bands(state(period), along), bands(state(period), down)
    share = np.abs(one - other) if rng.random() < 0.6 else np.maximum(one, other)
    return blend(share, first, second)


def blobs(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """Soft or sharp round spots, like lights out of focus or a patterned cloth."""
    y, x = axes(side)
    found = np.broadcast_to(first, (side, side, 3))
    edge = rng.uniform(0.5, 12)
    for _ in range(rng.integers(2, 12)):
        reach = np.hypot(y - rng.random(), x - rng.random()) / rng.uniform(0.03, 0.3)
        tone = second if rng.random() < 0.6 else rng.random(3, np.float32)
        found = blend(np.exp(-(reach ** (2 * edge)).clip(0, 50)) * rng.uniform(0.3, 1), found, tone)
    return found


def marbled(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """Cloudy, with an edge between the colours that is soft or hard."""
    share = clouds(rng, side, int(rng.integers(1, 6)))
    return blend((0.5 + rng.uniform(1, 6) * (share - 0.5)).clip(0, 1), first, second)


def paper(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """Pale, with fibres."""
    fibres = clouds(rng, side, 6) - 0.5 + 0.3 * rng.standard_normal((side, side), np.float32)
    return (0.6 + 0.4 * first + 0.08 * rng.random() * fibres[..., None]).astype(np.float32)


def table(rng: np.random.Generator, side: int, first: Floats, second: Floats) -> Floats:
    """A wall above a table or a floor, whose grain runs along its edge."""
    y, x = axes(side)
    edge = rng.uniform(0.25, 0.85) + rng.uniform(-0.1, 0.1) * (x - 0.5)
    below = ((y - edge) * rng.uniform(20, 2 * side)).clip(0, 1)
    streaks = enlarged(rng.random((int(rng.integers(8, 90)), 4), np.float32), side) - 0.5
    board = second * (1 + rng.uniform(0, 0.5) * streaks)[..., None] * (1 - 0.3 * rng.random() * y)[..., None]
    wall = first + (0.2 * rng.random() * (clouds(rng, side, 2) - 0.5))[..., None]
    return blend(below, wall, board)


SORTS: tuple[Sort, ...] = (plain, gradient, stripes, checks, blobs, marbled, paper, table, table)


@cache
def axes(side: int) -> tuple[Floats, Floats]:
    """The rows' places [side, 1] and the columns' [1, side]."""
    places = ((np.arange(side) + 0.5) / side).astype(np.float32)
    return places[:, None], places[None]


def across(rng: np.random.Generator, side: int) -> Floats:
    """Distance [side, side] along a random direction, about 0 to 1."""
    (y, x), turn = axes(side), rng.uniform(0, 2 * math.pi)
    along = (x - 0.5) * math.cos(turn) + (y - 0.5) * math.sin(turn)
    return (0.5 + 0.8 * along).astype(np.float32)


def bands(rng: np.random.Generator, distance: Floats) -> Floats:
    """0 and 1 in turn along a distance."""
    wave = np.sin(2 * math.pi * (distance * rng.uniform(2, 25) + rng.random()))
    found: Floats = (0.5 + rng.uniform(0.5, 20) * (wave - rng.uniform(-0.7, 0.7))).clip(0, 1)
    return found


def clouds(rng: np.random.Generator, side: int, octaves: int) -> Floats:
    """Noise [side, side] about 0.5, each octave twice as fine and two thirds as strong as the one before."""
    total, weight = np.zeros((side, side), np.float32), 0.0
    for octave in range(octaves):
        strength = 0.67**octave
        total += strength * enlarged(rng.random((3 * 2**octave,) * 2, np.float32), side)
        weight += strength
    return total / np.float32(weight)


def blend(share: Floats, first: Floats, second: Floats) -> Floats:
    """From `first` at share [side, side] 0 to `second` at 1."""
    found: Floats = first + share[..., None] * (second - first)
    return found


def enlarged(values: Floats, side: int) -> Floats:
    """Values [h, w], smoothly spread over [side, side]."""
    return np.asarray(Image.fromarray(values).resize((side, side), Image.Resampling.BICUBIC))
