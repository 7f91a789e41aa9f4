"""What the judge learns from beside the pictures: many more toys, drawn at its own size."""

import random
from pathlib import Path

import numpy as np

from training.data import AZIMUTH, ELEVATION, SHARD, Bytes, keep_shard, to_bytes
from training.description import Description
from training.render import draw
from training.toys import make_toy

FIRST = 20_000_000  # seed of the first case: neither the pictures nor the evaluation come near
SIDE = 128


def make_case(seed: int) -> tuple[Description, Bytes]:
    """The toy of a seed in words, and its picture [128, 128, 3]."""
    rng, toy = random.Random(seed ^ 0x5EED), make_toy(seed)
    picture, _ = draw(toy.shown, rng.uniform(*AZIMUTH), rng.uniform(*ELEVATION), SIDE, toy.look)
    return toy.description, to_bytes(picture)


def write_cases(folder: Path, index: int) -> None:
    """Draw one shard of cases."""
    first = FIRST + index * SHARD
    toys, pictures = zip(*(make_case(seed) for seed in range(first, first + SHARD)), strict=True)
    keep_shard(folder, index, {"picture": np.stack(pictures)}, toys)
