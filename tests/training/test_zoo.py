"""The kinds of toys: their words, their shapes, and what is added to them."""

import itertools
import random
from typing import get_args

import numpy as np
import pytest
from scipy import ndimage

from training.field import Field, ask, table_row
from training.kinds.extras import stand_on_table, standing, wear_hat
from training.kinds.kind import Family
from training.render import draw
from training.solids import Part, Solid, Vec, stretched
from training.zoo import KINDS

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
THIN = 0.055  # least half thickness, in a ball of radius 0.58
CELLS = 44


def solid_of(kind: str, seed: int) -> Solid:
    return KINDS[kind].model(random.Random(seed), RED, GREEN)


def distance(solid: Solid, place: Vec) -> float:
    table = np.array([table_row(part) for part in solid.parts], np.float32)
    return float(ask(table, np.array([place], np.float32))[0][0])


def added(solid: Solid, before: int) -> Solid:
    return Solid(solid.parts[before:])


def half_thickness(part: Part, size: np.ndarray) -> float:
    if part.shape == "cone":
        return float(min(size[:2].mean(), size[2]))
    return float(size[1] if part.shape == "torus" else size.min())


def test_there_are_kinds_of_every_family() -> None:
    assert len(KINDS) >= 46
    assert {kind.family for kind in KINDS.values()} == set(get_args(Family))
    assert all(name == kind.name and name == name.lower() for name, kind in KINDS.items())


def test_enough_kinds_have_other_names_and_can_be_added_to() -> None:
    kinds = KINDS.values()
    assert sum(bool(kind.words) for kind in kinds) >= 2 / 3 * len(KINDS)
    assert sum(kind.wears_hat for kind in kinds) >= len(KINDS) / 3
    assert sum(kind.stands_on_table for kind in kinds) >= len(KINDS) / 3
    assert sum(bool(kind.thin) for kind in kinds) >= 10


def test_no_word_means_two_kinds() -> None:
    words = list(itertools.chain(KINDS, *(kind.words for kind in KINDS.values())))
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("kind", "plural"), [("cat", "cats"), ("bus", "buses"), ("cactus", "cacti"), ("fish", "fish")]
)
def test_plurals_follow_rules_unless_they_are_told(kind: str, plural: str) -> None:
    assert KINDS[kind].plural == plural


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_colour_is_seen_from_the_front(kind: str) -> None:
    shares = []
    for seed in range(6):
        rng = random.Random(seed)
        field = Field(KINDS[kind].model(rng, RED, GREEN))
        colour, cover = draw(field, rng.uniform(-60, 60), rng.uniform(0, 40), size=96)
        green = (colour[..., 1] > 0.35) & (colour[..., 0] < 0.35) & (colour[..., 2] < 0.35)
        shares.append((green & (cover > 0.5)).sum() / (cover > 0.5).sum())
    assert np.mean(shares) >= 0.08


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.thin])
def test_thin_parts_are_thick_enough_to_be_reconstructed(kind: str) -> None:
    for seed in range(6):
        solid = solid_of(kind, seed)
        rows = Field(solid).table[:, 13:16]
        halves = [half_thickness(part, row) for part, row in zip(solid.parts, rows, strict=True) if part.thin]
        assert halves
        assert min(halves) >= THIN


@pytest.mark.parametrize(("kind", "size"), list(itertools.product(KINDS, [None, "tall", "wide"])))
def test_every_toy_is_one_piece(kind: str, size: str | None) -> None:
    field = Field(stretched(solid_of(kind, 3), size))
    axis = np.linspace(-0.6, 0.6, CELLS, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    pieces, count = ndimage.label(
        (field.distance(points) < 0).reshape(CELLS, CELLS, CELLS), np.ones((3, 3, 3))
    )
    volumes = np.bincount(pieces.ravel())[1:]
    assert count
    assert volumes.max() / volumes.sum() > 0.97


def test_tall_toys_are_taller_and_wide_ones_wider() -> None:
    def proportion(size: str | None) -> float:
        low, high, _, half = standing(stretched(solid_of("mug", 1), size))
        return (high - low) / half

    assert proportion("tall") > 1.5 * proportion(None)
    assert proportion("wide") < 0.65 * proportion(None)


def test_a_turned_box_is_stretched_along_its_own_axes() -> None:
    ramp = Part("box", (1, 2, 3), (0.1, 2.0, 0.05), RED, turn=(45, 0, 0))
    (wide,) = stretched(Solid([ramp]), "wide").parts
    assert wide.centre == pytest.approx((1.35, 2.7, 2.25))
    assert wide.turn[0] == pytest.approx(np.degrees(np.arctan2(0.75, 1.35)), abs=0.1)
    assert wide.size[1] == pytest.approx(2 * np.hypot(1.35, 0.75) / np.sqrt(2))


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.wears_hat])
@pytest.mark.parametrize("size", [None, "tall", "wide"])
def test_hats_sit_on_heads_and_are_the_highest(kind: str, size: str | None) -> None:
    assert "hat" not in KINDS[kind].second
    solid = stretched(solid_of(kind, 2), size)
    assert solid.head
    place, radius = solid.head
    assert -1.5 * radius < distance(solid, place) < 0.02
    bare, before = standing(solid)[1], len(solid.parts)
    wear_hat(solid, random.Random(2), BLUE)
    assert standing(added(solid, before))[1] > bare + 0.1 * radius


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.stands_on_table])
@pytest.mark.parametrize("size", [None, "tall", "wide"])
def test_toys_touch_their_tables_and_stay_the_larger(kind: str, size: str | None) -> None:
    solid = stretched(solid_of(kind, 1), size)
    (low, high, _, _), before = standing(solid), len(solid.parts)
    stand_on_table(solid, random.Random(1))
    foot, top, _, _ = standing(added(solid, before))
    assert (high - low) / (high - foot) >= 0.6
    assert abs(top - low) < 0.04 * (high - low)
