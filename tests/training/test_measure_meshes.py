"""What is measured of meshes."""

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from training.data import View, make_view
from training.description import Description
from training.field import Field
from training.framing import Framing
from training.measure_figures import FIGURES
from training.measure_meshes import (
    before_flat,
    coded_iou,
    framed_as_used,
    iou,
    mesh_figures,
    render_figures,
    unlike,
)
from training.measure_thin import FIRST_SEED, THIN_KINDS, own_points, spindly, thin_figures
from training.meshes import LEVEL


class Sculptor:
    """A mesh network that knows one solid, and how its picture was framed."""

    def __init__(self, field: Field, framing: Framing, shrunk: float = 1.0) -> None:
        self.field, self.framing, self.shrunk = field, framing, shrunk

    def encode_tensor(self, pictures: Tensor) -> Tensor:
        return torch.zeros(len(pictures), 3, 1, 1, 1)

    def query(self, scene_code: Tensor, points: Tensor) -> SimpleNamespace:
        own = self.framing.own((points / self.shrunk).numpy())
        inside = torch.from_numpy(self.field.distance(own) < 0)
        density = torch.where(inside, LEVEL + 1.0, LEVEL - 1.0)[:, None]
        return SimpleNamespace(raw_density=density, color=torch.from_numpy(self.field.colour(own)))


def any_network(sculptor: Sculptor) -> Any:
    return sculptor


def view_of(kind: str = "chair", colour: str = "red") -> View:
    return make_view(11, Description(kind, colour), azimuth=25, elevation=15)


def test_a_perfect_mesh_fills_its_toy_and_a_smaller_one_does_not() -> None:
    view = view_of()
    perfect = any_network(Sculptor(view.toy.field, view.framing))
    assert iou(perfect, view.framed, view) == pytest.approx(1)
    small = any_network(Sculptor(view.toy.field, view.framing, shrunk=0.8))
    assert 0 < iou(small, view.framed, view) < 0.8
    assert iou(perfect, None, view) == 0
    found = render_figures(perfect, [view], lambda text: None)
    assert found["iou"] == found["iou_least"] == pytest.approx(1)
    assert found["surface_colour"] < 0.02


def test_a_picture_without_an_object_counts_as_no_volume() -> None:
    view = view_of()
    perfect = any_network(Sculptor(view.toy.field, view.framing))
    assert coded_iou(perfect, lambda pictures: pictures, [view]) == pytest.approx(1)
    assert coded_iou(perfect, lambda pictures: np.full_like(pictures, 255), [view]) == 0


def test_flat_backgrounds_are_unlike_the_toy_and_are_cut_away() -> None:
    view = view_of("robot", "blue")
    colour = unlike(view.toy.field.colours, random.Random(0))
    assert np.abs(view.toy.field.colours - colour).max(-1).min() >= 0.35
    picture = before_flat(view, random.Random(0))
    assert np.abs(picture[0, 0] / 255 - colour).max() < 0.01
    assert np.array_equal(picture[view.cover == 255], view.picture[view.cover == 255])
    framed, usual = framed_as_used(picture), framed_as_used(view.picture)
    assert framed is not None and usual is not None
    assert np.abs(framed.astype(int) - usual).mean() < 6


def test_every_figure_of_meshes_is_known_and_counted() -> None:
    view = view_of()
    found = mesh_figures(
        any_network(Sculptor(view.toy.field, view.framing)),
        lambda pictures: pictures,
        1,
        1,
        1,
        lambda text: None,
    )
    assert set(found) <= set(FIGURES)
    assert len(found) == 8
    assert all(0 <= value <= 1 for value in found.values())


@pytest.mark.parametrize("kind", ["chair", "mug"])
def test_a_thin_parts_own_points_lie_in_no_thicker_part(kind: str) -> None:
    toy = spindly(3, kind)
    assert toy.thin
    thick = Field.__new__(Field)
    thick.table = np.delete(toy.field.table, toy.thin, 0)
    for part in toy.thin:
        points = own_points(toy, part)
        assert len(points) > 30
        assert (toy.field.distance(points) < 0).all()
        assert (thick.distance(points) >= 0).mean() > 0.98  # but for what is blended in


class Legless:
    """A mesh network that knows the toys of the measurement, with or without their thin parts."""

    def __init__(self, seed: int, kind: str, legs: bool) -> None:
        toy = spindly(seed, kind)
        if not legs:
            toy.field.table = np.delete(toy.field.table, toy.thin, 0)
        self.sculptor = Sculptor(toy.field, toy.framing)
        self.encode_tensor, self.query = self.sculptor.encode_tensor, self.sculptor.query


@pytest.mark.parametrize("legs", [True, False])
def test_thin_parts_count_where_the_mesh_has_them(legs: bool) -> None:
    network: Any = Legless(FIRST_SEED, THIN_KINDS[0], legs)
    assert thin_figures(network, 1, lambda text: None) == {"thin_parts": float(legs)}
