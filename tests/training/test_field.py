"""Distances against formulas and against brute force."""

import numpy as np
import pytest

from training.field import Floats, ask, table_row
from training.solids import Part, Solid, mirrored

GREY = (0.5, 0.5, 0.5)


def distance(parts: list[Part], points: list[tuple[float, float, float]]) -> Floats:
    table = np.array([table_row(part) for part in parts], np.float32)
    found: Floats = ask(table, np.array(points, np.float32))[0]
    return found


def test_a_ball_is_as_far_as_its_centre_less_its_radius() -> None:
    ball = Part("ellipsoid", (1, 0, 0), (0.5, 0.5, 0.5), GREY)
    assert distance([ball], [(1, 2, 0), (1, 0, 0.25)]) == pytest.approx([1.5, -0.25], abs=1e-5)


def test_a_box_is_measured_to_its_face_edge_and_corner() -> None:
    box = Part("box", (0, 0, 0), (1, 2, 3), GREY)
    points = [(4.0, 0.0, 0.0), (2.0, 3.0, 0.0), (2.0, 3.0, 4.0), (0.0, 0.0, 0.0)]
    assert distance([box], points) == pytest.approx([3, 2**0.5, 3**0.5, -1], abs=1e-5)


def test_a_torus_lies_in_the_plane_of_its_ring() -> None:
    torus = Part("torus", (0, 0, 0), (1, 0.25, 0), GREY)
    assert distance([torus], [(1, 0, 0), (0, 0, 0), (0, 1, 1)]) == pytest.approx(
        [-0.25, 0.75, 0.75], abs=1e-5
    )


def test_a_turned_part_is_measured_in_its_own_axes() -> None:
    box = Part("box", (0, 0, 0), (2, 0.5, 0.5), GREY, turn=(0, 0, 90))
    assert distance([box], [(0, 3, 0), (1, 0, 0)]) == pytest.approx([1, 0.5], abs=1e-5)


def test_a_cone_agrees_with_the_nearest_of_many_surface_points() -> None:
    cone = Part("cone", (0, 0, 0), (0.8, 0.3, 0.5), GREY)
    turns, shares = np.meshgrid(np.linspace(0, 2 * np.pi, 400), np.linspace(0, 1, 400))
    side = 0.8 - 0.5 * shares
    surface = [np.stack([side * np.cos(turns), side * np.sin(turns), shares - 0.5], -1).reshape(-1, 3)]
    for radius, z in ((0.8, -0.5), (0.3, 0.5)):
        disc = radius * shares
        surface.append(
            np.stack([disc * np.cos(turns), disc * np.sin(turns), np.full_like(disc, z)], -1).reshape(-1, 3)
        )
    cloud = np.concatenate(surface)
    points = np.random.default_rng(0).uniform(-1.2, 1.2, (60, 3))
    expected = [np.linalg.norm(cloud - point, axis=1).min() for point in points]
    found = np.abs(distance([cone], [tuple(point) for point in points]))
    assert found == pytest.approx(expected, abs=0.01)


def test_what_is_cut_away_is_outside() -> None:
    parts = [
        Part("ellipsoid", (0, 0, 0), (1, 1, 1), GREY),
        Part("ellipsoid", (0, 0, 0), (0.5, 0.5, 0.5), GREY, cut=True),
    ]
    assert distance(parts, [(0, 0, 0), (0.75, 0, 0)]) == pytest.approx([0.5, -0.25], abs=1e-5)


def test_a_mirrored_part_is_its_reflection() -> None:
    part = Part("box", (0.3, 0.4, 0.1), (0.5, 0.2, 0.1), GREY, turn=(20, 30, 40))
    points = np.random.default_rng(1).uniform(-1, 1, (50, 3))
    for axis in range(3):
        flipped = points.copy()
        flipped[:, axis] *= -1
        there = distance([mirrored(part, axis)], [tuple(p) for p in flipped])
        assert there == pytest.approx(distance([part], [tuple(p) for p in points]), abs=1e-5)


def test_mirror_adds_one_part_for_each_side() -> None:
    solid = Solid()
    solid.add(Part("ellipsoid", (1, 1, 0), (0.1, 0.1, 0.1), GREY), mirror="xy")
    assert {part.centre[:2] for part in solid.parts} == {(1, 1), (-1, 1), (1, -1), (-1, -1)}
