"""What the mesh network learns from, and that it learns."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.data import View, keep_views, load_shards, make_view
from training.description import Description
from training.meshes import (
    ANYWHERE,
    CLAMP,
    LEVEL,
    MATRICES,
    NEAR,
    RADIUS,
    STEEPNESS,
    examples,
    field_loss,
    new_mesh_network,
    train_meshes,
)

ARRAYS = ("framed", "points", "distance", "colour")


@pytest.fixture(scope="module")
def views() -> list[View]:
    return [make_view(7, Description("mug", "red")), make_view(8, Description("cat", "blue"))]


@pytest.fixture(scope="module")
def shards(views: list[View], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toys")
    keep_views(folder, 0, views)
    return folder


def test_points_lie_in_the_box_and_belong_to_the_picture_mirrored_or_not(
    views: list[View], shards: Path
) -> None:
    kept = {
        (name, sign): {
            (*(point * (1, sign, 1)).tolist(), float(distance))
            for point, distance in zip(view.points, view.distance, strict=True)
        }
        for name, view in zip(("mug", "cat"), views, strict=True)
        for sign in (1, -1)
    }
    warm = {"mug": 0, "cat": 2}  # the colour channel that each has most of, where it is not recoloured
    seen = set()
    for seed in range(6):
        drawn = examples(load_shards(shards, *ARRAYS), np.random.default_rng(seed), 4)
        pictures, points, distance, colour = drawn
        assert points.shape == (4, ANYWHERE + NEAR, 3)
        assert np.abs(points[:, :ANYWHERE]).max() < RADIUS
        assert {each.dtype for each in drawn} == {np.dtype(np.float32)}
        for picture, at, far, tint in zip(pictures, points, distance, colour, strict=True):
            rows = {(*point.tolist(), float(d)) for point, d in zip(at, far, strict=True)}
            name, sign = next(key for key, every in kept.items() if rows <= every)
            framed = views[("mug", "cat").index(name)].framed[:, ::sign] / 255
            most = picture[:, 20:100, 20:100].mean((1, 2)).argmax()
            assert tint[np.abs(far) < 0.02].mean(0).argmax() == most
            assert np.abs(np.sort(picture, 0) - np.sort(framed.transpose(2, 0, 1), 0)).mean() < 0.03
            seen.add((name, sign, most == warm[name]))
    assert len(seen) == 8


def test_the_loss_is_least_where_the_field_is_the_toys_own() -> None:
    distance = torch.linspace(-0.2, 0.2, 41)[None]
    colour = torch.rand(1, 41, 3).clamp(0.05, 0.95)
    own = LEVEL - STEEPNESS * distance
    right = field_loss(own, colour.logit(), distance, colour)
    clamped = own.clamp(LEVEL - CLAMP, LEVEL + CLAMP)
    assert field_loss(clamped, colour.logit(), distance, colour) < right + 0.01
    assert right < 0.1
    assert field_loss(own + 3, colour.logit(), distance, colour) > right + 0.3
    assert field_loss(own, (1 - colour).logit(), distance, colour) > right + 0.1
    assert field_loss(-own, colour.logit(), distance, colour) > right + 1


def test_it_learns_a_toy_or_two_and_every_part_of_it_moves(shards: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)  # as the training does
    before = new_mesh_network().state_dict()
    file = tmp_path / "meshes.pt"
    network = train_meshes([shards], file, steps=4, batch=2)
    assert all(name.startswith(("image_tokenizer", "backbone")) for name in MATRICES)
    assert {name.split(".")[0] for name in before} == {
        name.split(".")[0]
        for name, value in network.state_dict().items()
        if not torch.equal(value, before[name])
    }
    again = train_meshes([shards], file, steps=4, batch=2)
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in network.state_dict().items())


def test_its_box_holds_the_toys_and_its_planes_are_no_coarser_than_they_need() -> None:
    config = new_mesh_network().config
    assert config.radius == RADIUS >= 0.72
    assert 2 * RADIUS / (2 * config.plane_size) <= 0.06
