"""Where toys lie once their pictures are framed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.data import NETWORK_SIZE, View, make_view
from training.description import Description
from training.framing import RATIO, SIGHT, Framing, turned
from training.render import DISTANCE, camera

GREY = 127  # around a framed object
Pixels = NDArray[np.int64]


def test_the_camera_comes_to_lie_on_x_when_points_are_turned() -> None:
    position, _ = camera(50, 0)
    assert turned(position[None], 50)[0] == pytest.approx([DISTANCE, 0, 0], abs=1e-5)


def test_points_that_were_placed_come_back() -> None:
    points = np.random.default_rng(0).uniform(-0.6, 0.6, (50, 3)).astype(np.float32)
    framing = Framing(-35, 10, np.array([0.01, 0.1, -0.05]), 1.3)
    assert framing.own(framing.placed(points)) == pytest.approx(points, abs=1e-6)


@pytest.mark.parametrize("kind", ["mug", "airplane"])
def test_a_toys_middle_lies_at_the_origin_in_depth_too(kind: str) -> None:
    view = make_view(5, Description(kind, "red"), azimuth=-40, elevation=30)
    _, (forward, _, _) = camera(0, 30)
    depth = view.points[np.abs(view.distance) < 0.01].astype(np.float32) @ forward
    assert (depth.min() + depth.max()) / 2 == pytest.approx(0, abs=0.02)
    assert depth.max() > 0.3


def pixels_of(view: View, elevation: float) -> tuple[Pixels, Pixels]:
    """Rows and columns of the framed picture where the camera sees the points inside a placed toy."""
    inside = view.points[view.distance < 0].astype(np.float32)
    _, (forward, right, up) = camera(0, elevation)
    ahead = DISTANCE + inside @ forward
    seen = [inside @ axis * DISTANCE / ahead / SIGHT for axis in (-up, right)]
    rows, columns = (((at + 0.5) * NETWORK_SIZE).astype(int) for at in seen)
    return rows, columns


@pytest.mark.parametrize("size", [None, "small", "tall"])
@pytest.mark.parametrize("elevation", [0.0, 40.0])
@pytest.mark.parametrize("kind", ["chair", "bus", "cat"])
def test_a_toy_lies_where_its_framed_picture_shows_it(kind: str, elevation: float, size: str | None) -> None:
    view = make_view(5, Description(kind, "red", size=size), azimuth=30, elevation=elevation)
    rows, columns = pixels_of(view, elevation)
    assert min(rows.min(), columns.min()) >= 0
    assert max(rows.max(), columns.max()) < NETWORK_SIZE
    shown = np.abs(view.framed.astype(int) - GREY).max(-1) > 6
    assert shown[rows, columns].mean() > 0.95
    longest = max(rows.max() - rows.min(), columns.max() - columns.min())
    assert longest / NETWORK_SIZE == pytest.approx(RATIO, abs=0.09)
    middles = [(at.max() + at.min()) / 2 / NETWORK_SIZE for at in (rows, columns)]
    assert middles == pytest.approx([0.5, 0.5], abs=0.04)
