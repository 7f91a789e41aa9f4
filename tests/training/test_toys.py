"""Toys and their pictures."""

import random
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from training.data import Bytes, make_view, to_bytes
from training.description import MATERIALS, STYLES, Description
from training.field import Field
from training.palette import COLOURS
from training.render import DISTANCE, FOV_Y, STROKE, draw
from training.solids import Part, Solid
from training.surfaces import Look, tints
from training.toys import SMALL, describe, make_toy
from training.zoo import KINDS

LOOKS = [Look(), *(Look(material) for material in MATERIALS), *(Look(style=style) for style in STYLES)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_its_ball_and_is_not_empty(kind: str) -> None:
    field = make_toy(7, Description(kind, "red")).field
    axis = np.linspace(-0.87, 0.87, 48, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    inside = points[field.distance(points) < 0]
    assert len(inside) > 300
    assert np.linalg.norm(inside, axis=1).max() < 0.6


def test_a_seed_gives_the_same_toy_again() -> None:
    first, second = make_toy(5), make_toy(5)
    assert (first.description, first.look) == (second.description, second.look)
    assert np.array_equal(first.field.table, second.field.table)


def test_descriptions_say_everything_often_enough_to_be_learned() -> None:
    rng = random.Random(0)
    found = [describe(rng) for _ in range(4000)]
    said = Counter(value for toy in found for value in (toy.material, toy.size, toy.style, toy.extra))
    plain = said.pop(None) / len(found) / 4
    assert 0.5 < plain < 0.75
    assert min(said.values()) > 0.05 * len(found)
    assert {toy.kind for toy in found} == set(KINDS)


def test_a_drawn_ball_covers_the_disc_that_perspective_gives() -> None:
    ball = Field(Solid([Part("ellipsoid", (0, 0, 0), (1, 1, 1), COLOURS["red"])]), radius=0.5)
    colour, cover = draw(ball, 30, 20, size=128)
    radius = float(ball.table[0, 13])
    outline = np.tan(np.arcsin(radius / DISTANCE)) / np.tan(np.radians(FOV_Y / 2)) * 64
    assert radius == pytest.approx(0.5, rel=0.03)
    assert cover.sum() == pytest.approx(np.pi * outline**2, rel=0.02)
    assert colour[0, 0].tolist() == [1, 1, 1]
    middle = colour[64, 64]
    assert middle[0] > 2 * middle[1]


def test_a_small_toy_is_small_in_its_picture_alone() -> None:
    toy = make_toy(4, Description("donut", "red", size="small"))
    plain = make_toy(4, Description("donut", "red"))
    assert np.array_equal(toy.field.table, plain.field.table)
    covers = [draw(one.shown, 20, 20)[1].sum() for one in (toy, plain)]
    assert covers[0] / covers[1] == pytest.approx(SMALL**2, rel=0.12)  # perspective makes the rest
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (200, 3)).astype(np.float32)
    assert toy.shown.distance(SMALL * points) == pytest.approx(SMALL * toy.field.distance(points), abs=1e-5)


def test_points_agree_with_the_picture_of_the_same_view() -> None:
    view = make_view(3, Description("chair", "blue"))
    found = view.distance_at(view.points.astype(np.float32))
    assert found == pytest.approx(view.distance.astype(np.float32), abs=0.005)


def coarse(look: Look) -> Bytes:
    """A red ball with a look at an eighth of the size, as little as the latents may hold."""
    ball = Field(Solid([Part("ellipsoid", (0, 0, 0), (1, 1, 1), (0.8, 0.2, 0.2))]))
    picture, _ = draw(ball, 30, 20, look=look)
    return to_bytes(picture.reshape(32, 8, 32, 8, 3).mean((1, 3)))


def test_materials_and_styles_show_at_an_eighth_of_the_size() -> None:
    seen = {look: coarse(look).astype(float) for look in LOOKS}
    inked = seen[Look()].min(-1) < 230
    for one, other in combinations(LOOKS, 2):
        assert np.abs(seen[one] - seen[other])[inked].mean() > 6, (one, other)


def test_pencil_strokes_repeat_with_the_squares_of_the_latents() -> None:
    flat = Field(Solid([Part("box", (0, 0, 0), (0.1, 1, 1), (0.5, 0.5, 0.9))]))
    picture, _ = draw(flat, 0, 0, look=Look(style="pencil"))
    middle = picture[96:160, 96:160].mean(-1)
    assert middle[:, STROKE:] == pytest.approx(middle[:, :-STROKE], abs=0.05)
    assert np.ptp(middle[32]) > 0.15


def test_the_colours_of_a_mesh_are_those_that_marks_lie_on() -> None:
    red = np.array([COLOURS["red"]], np.float32)
    assert np.array_equal(tints(red, Look()), red)
    pale, brown = tints(red, Look("glass")), tints(red, Look("wood"))
    assert (pale > red).all()
    assert brown[0, 0] < red[0, 0] < brown[0, 0] + 0.2
