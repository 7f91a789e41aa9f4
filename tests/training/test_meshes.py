"""What the mesh network learns from, and that it learns."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.data import View
from training.meshes import (
    CLAMP,
    LEVEL,
    MISSING,
    PICKED,
    RADIUS,
    STEEPNESS,
    examples,
    field_loss,
    load_views,
    new_mesh_network,
)
from training.zoo import KINDS


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
    angles = {name: view.angles for name, view in zip(("mug", "cat"), views, strict=True)}
    seen = set()
    for seed in range(6):
        drawn = examples(load_views([shards]), np.random.default_rng(seed), 4, torch.device("cpu"))
        assert drawn.points.shape == (4, sum(PICKED), 3)
        assert drawn.points[:, : PICKED[0]].abs().max() < RADIUS
        floats = (drawn.pictures, drawn.angles, drawn.points, drawn.distance, drawn.colour)
        assert {each.dtype for each in floats} == {torch.float32}
        for n in range(4):
            picture, at, far, tint = (
                each[n].numpy() for each in (drawn.pictures, drawn.points, drawn.distance, drawn.colour)
            )
            rows = {(*point.tolist(), float(d)) for point, d in zip(at, far, strict=True)}
            name, sign = next(key for key, every in kept.items() if rows <= every)
            framed = views[("mug", "cat").index(name)].framed[:, ::sign] / 255
            most = picture[:, 20:100, 20:100].mean((1, 2)).argmax()
            assert tint[np.abs(far) < 0.02].mean(0).argmax() == most
            assert np.abs(np.sort(picture, 0) - np.sort(framed.transpose(2, 0, 1), 0)).mean() < 0.03
            assert list(KINDS)[drawn.kinds[n]] == name
            assert drawn.angles[n].tolist() == pytest.approx(angles[name] * (sign, 1))
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


def test_a_piece_that_lacks_is_worse_than_one_too_many() -> None:
    distance, colour = torch.tensor([[-0.05], [0.05]]), torch.full((2, 1, 3), 0.5)
    wrong = LEVEL + STEEPNESS * distance
    lacking, too_much = (
        field_loss(wrong[[n]], colour[[n]].logit(), distance[[n]], colour[[n]]) for n in range(2)
    )
    assert lacking == pytest.approx(MISSING * too_much)


def test_fewer_points_keep_what_is_there(shards: Path) -> None:
    drawn = examples(load_views([shards]), np.random.default_rng(0), 2, torch.device("cpu"))
    fewer = drawn.thinned(6)
    assert fewer.points.shape == (2, -(-sum(PICKED) // 6), 3)
    for name in ("points", "distance", "colour"):
        assert torch.equal(getattr(fewer, name)[:, 5], getattr(drawn, name)[:, 30])
    assert torch.equal(fewer.angles, drawn.angles)


def test_its_box_holds_the_toys_and_its_planes_are_no_coarser_than_they_need() -> None:
    config = new_mesh_network().config
    assert config.radius == RADIUS >= 0.72
    assert 2 * RADIUS / (2 * config.plane_size) <= 0.06
