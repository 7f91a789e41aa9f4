"""That the mesh network learns."""

from pathlib import Path

import pytest
import torch

from training.eyes import Eyes
from training.meshes import load_views, new_mesh_network
from training.reconstruction import MATRICES, Pupil, loss_at, train_meshes


def test_it_learns_a_toy_or_two_and_every_part_of_it_moves(shards: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)  # as the training does
    before = new_mesh_network().state_dict()
    file = tmp_path / "meshes.pt"
    network = train_meshes([shards], file, steps=4, batch=2)
    muons = {name.split(".")[1] for name, _ in Pupil().named_parameters() if name.startswith(MATRICES)}
    assert muons == {"image_tokenizer", "backbone"}
    assert {name.split(".")[0] for name in before} == {
        name.split(".")[0]
        for name, value in network.state_dict().items()
        if not torch.equal(value, before[name])
    }
    again = train_meshes([shards], file, steps=4, batch=2)
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in network.state_dict().items())


def test_it_sees_with_the_eyes_that_it_is_given(shards: Path, tmp_path: Path) -> None:
    eyes = Eyes()
    network = train_meshes([shards], tmp_path / "meshes.pt", steps=0, eyes=eyes)
    given, own = eyes.image_tokenizer.state_dict(), network.image_tokenizer.state_dict()
    assert all(torch.equal(own[name], value) for name, value in given.items())


def test_the_lessons_are_asked_beside_the_field_and_reach_the_tokenizer(
    shards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = load_views([shards])
    torch.manual_seed(0)
    pupil = Pupil()
    whole = loss_at(pupil, data, 0, 2)
    monkeypatch.setattr("training.reconstruction.field_loss", lambda *_: torch.zeros(()))
    lessons = loss_at(pupil, data, 0, 2)
    assert 0 < lessons.item() < whole.item()
    lessons.backward()
    moved = {name.split(".")[0] for name, value in pupil.network.named_parameters() if value.grad is not None}
    assert moved == {"image_tokenizer"}
    assert all(value.grad is not None for value in pupil.lessons.parameters())
