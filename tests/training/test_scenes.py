"""Toys put before backdrops."""

import numpy as np

from training.data import Bytes
from training.scenes import example, on_canvas, placed, shadow


def disc(side: int = 64) -> tuple[Bytes, Bytes]:
    """A red disc over white, with a half-covered rim, as shards hold it: picture and coverage."""
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    cover = (side / 4 + 0.5 - np.hypot(x, y)).clip(0, 1)
    picture = cover[..., None] * (0.8, 0.1, 0.1) + 1 - cover[..., None]
    return (picture * 255 + 0.5).astype(np.uint8), (cover * 255 + 0.5).astype(np.uint8)


def test_a_toy_leaves_its_white_behind() -> None:
    toy, mask = placed(*disc(), np.random.default_rng(0), 96)
    colour = toy[mask > 0.2] / mask[mask > 0.2][:, None]
    assert np.abs(colour - (0.8, 0.1, 0.1)).max() < 0.06


def test_toys_come_in_many_places_and_sizes() -> None:
    masks = [placed(*disc(), np.random.default_rng(seed), 64)[1] for seed in range(40)]
    areas = [float(mask.mean()) for mask in masks]
    assert min(areas) < 0.12
    assert max(areas) > 0.35
    assert len({mask.tobytes() for mask in masks}) == 40


def test_some_toys_are_cut_off_by_the_edge_and_most_are_whole() -> None:
    layers = np.ones((20, 20, 4), np.float32)
    whole = [on_canvas(layers, np.random.default_rng(seed), 40)[1].sum() == 400 for seed in range(200)]
    assert 0.8 < np.mean(whole) < 1


def test_a_shadow_lies_at_the_foot_of_a_toy() -> None:
    mask = np.zeros((64, 64), np.float32)
    mask[10:40, 20:44] = 1
    dark = np.mean([shadow(mask, np.random.default_rng(seed)) for seed in range(20)], 0)
    assert dark[40, 32] > 4 * dark[2, 32]
    assert dark[40, 32] > 4 * dark[62, 2]
    assert dark.max() < 1


def test_an_example_is_the_same_for_the_same_seed() -> None:
    one, other = (example(*disc(), np.random.default_rng(3), 48) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])
    assert one[0].shape == (48, 48, 3)
    assert one[0].min() >= 0 and one[0].max() <= 1


def test_a_picture_without_a_toy_has_an_empty_mask() -> None:
    blank = np.full((32, 32, 3), 255, np.uint8), np.zeros((32, 32), np.uint8)
    assert not placed(*blank, np.random.default_rng(0), 32)[1].any()
