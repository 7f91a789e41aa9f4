"""What the mesh network's eyes learn."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.data import ELEVATION
from training.eyes import Eyes, Lessons, as_seen, pixels, train_eyes, view_loss
from training.framing import SIGHT
from training.meshes import Examples
from training.render import DISTANCE, camera
from training.zoo import KINDS


def test_points_are_seen_where_the_camera_of_the_toys_sees_them() -> None:
    position, axes = camera(0, 25)
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (20, 3)).astype(np.float32)
    forward, right, up = ((points - position) @ axis for axis in axes)
    wanted = np.stack([right, -up], 1) / forward[:, None] * DISTANCE * 2 / SIGHT
    seen = as_seen(torch.from_numpy(points)[None], torch.tensor([25.0]))
    assert seen[0, :, 0].numpy() == pytest.approx(DISTANCE - forward, abs=1e-5)
    assert pixels(seen)[0].numpy() == pytest.approx(wanted, abs=1e-5)


def test_a_point_is_told_from_the_patch_that_shows_it() -> None:
    torch.manual_seed(0)
    lessons = Lessons(width=192)
    patches = torch.zeros(1, 257, 192)
    patches[0, 1 + 4 * 16 + 12] = 1  # row 4, column 12 of 16
    height, side = SIGHT * (0.5 - 4.5 / 16), SIGHT * (12.5 / 16 - 0.5)
    points = torch.tensor([[[0.0, side, height], [0.0, -side, height], [0.0, side, -height]]])
    flat = torch.tensor([[0.0, 0.0]])
    told, field = lessons(patches, flat, points)
    patches[0, 1 + 4 * 16 + 12] = 2
    again, changed = lessons(patches, flat, points)
    moved = (field - changed).abs().sum(2)[0]
    assert moved[0] > 3 * max(moved[1], moved[2])  # these see the patch in the mean of all only
    assert told.shape == again.shape == (1, len(KINDS) + 3)


def test_the_view_loss_is_least_where_kind_and_angles_are_right() -> None:
    nothing = torch.zeros(1)
    seen = Examples(nothing, torch.tensor([[30.0, 20.0]]), torch.tensor([5]), nothing, nothing, nothing)
    told = torch.zeros(1, len(KINDS) + 3)
    told[0, 5] = 20
    told[0, -3:] = torch.tensor([0.5, 0.75**0.5, 20 / ELEVATION[1]])
    assert view_loss(told, seen) == pytest.approx(0, abs=1e-5)
    for wrong in (5, -3, -2, -1):
        other = told.clone()
        other[0, wrong] -= 1
        assert view_loss(other, seen) > view_loss(told, seen)


def test_lessons_move_the_tokenizer_and_can_be_continued(shards: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    before = Eyes().image_tokenizer.state_dict()
    file = tmp_path / "eyes.pt"
    after = train_eyes([shards], file, steps=2, batch=4).image_tokenizer.state_dict()
    still = {name for name, value in after.items() if torch.equal(value, before[name])}
    assert not {name for name in still if "encoder" in name and "weight" in name}
    again = train_eyes([shards], file, steps=2, batch=4).image_tokenizer.state_dict()
    assert all(torch.equal(again[name], value) for name, value in after.items())
