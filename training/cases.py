"""What the judge and the mesh network learn from beside the toys: many more, drawn at half the size."""

from pathlib import Path

from training.data import SHARD, View, keep_views, make_view

FIRST = 20_000_000  # seed of the first case: neither the toys nor the evaluation come near
SIDE = 128


def make_case(seed: int) -> View:
    """The toy of a seed in a picture [128, 128, 3]."""
    return make_view(seed, size=SIDE)


def write_cases(folder: Path, index: int) -> None:
    """Draw one shard of cases."""
    first = FIRST + index * SHARD
    keep_views(folder, index, [make_case(seed) for seed in range(first, first + SHARD)])
