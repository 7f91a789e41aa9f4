"""Toys, their pictures and their captions."""

import random

import numpy as np
import pytest

from training.captions import plain, varied
from training.data import make_view, turned
from training.field import Field
from training.palette import COLOURS
from training.render import DISTANCE, FOV_Y, camera, draw
from training.solids import Part, Solid
from training.toys import make_toy
from training.zoo import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_its_ball_and_is_not_empty(kind: str) -> None:
    field = make_toy(7, kind).field
    axis = np.linspace(-0.87, 0.87, 48, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    inside = points[field.distance(points) < 0]
    assert len(inside) > 300
    assert np.linalg.norm(inside, axis=1).max() < 0.6


def test_a_seed_gives_the_same_toy_again() -> None:
    first, second = make_toy(5), make_toy(5)
    assert (first.kind, first.colour, first.caption) == (second.kind, second.colour, second.caption)
    assert np.array_equal(first.field.table, second.field.table)


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


def test_the_camera_comes_to_lie_on_x_when_points_are_turned() -> None:
    position, _ = camera(50, 0)
    assert turned(position[None], 50)[0] == pytest.approx([DISTANCE, 0, 0], abs=1e-5)


def test_points_agree_with_the_picture_of_the_same_view() -> None:
    view = make_view(3, "chair", "blue")
    back = turned(view.points.astype(np.float32), -view.azimuth)
    assert view.toy.field.distance(back) == pytest.approx(view.distance.astype(np.float32), abs=0.005)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("robot", "blue", "red"), "a blue robot with a red hat"),
        (("car", "orange", "black"), "an orange car with black wheels"),
        (("donut", "pink", None), "a pink donut"),
    ],
)
def test_plain_captions_read_as_people_write(words: tuple[str, str, str | None], text: str) -> None:
    assert plain(*words) == text


def test_varied_captions_keep_the_colours() -> None:
    rng = random.Random(0)
    for _ in range(200):
        caption = varied(rng, "house", "green", "purple").lower()
        assert "green" in caption
        assert "purple" in caption
