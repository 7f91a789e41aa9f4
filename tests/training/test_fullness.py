"""How full the mesh network makes its toys."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.fullness import SHIFTS, balance, shifted_ious
from training.measure_thin import spindly_toys, thin_parts
from training.meshes import new_mesh_network
from tsr import TSR


@pytest.mark.parametrize("enough", [0.7, 0.9])
def test_raw_density_is_raised_until_enough_thin_parts_are_there_and_no_further(
    enough: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.fullness.ENOUGH", enough)
    monkeypatch.setattr("training.fullness.FIRST_SEED", 7)
    torch.manual_seed(0)
    network = new_mesh_network().eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    shift = balance(network, 3, 1)
    assert shift > SHIFTS[-1]  # thin parts have decided
    parts = [part for _, toy in spindly_toys(7, 3) for part in thin_parts(network, toy)]
    there = sum(part <= 1e-4 for part in parts)
    assert there / len(parts) >= enough
    assert (there - 1) / len(parts) < enough
    changed = [name for name, value in network.state_dict().items() if not torch.equal(value, before[name])]
    assert changed == ["decoder.layers.8.bias"]


@pytest.mark.parametrize("wrong", [-0.5, 0.5])
def test_raw_density_is_shifted_to_where_meshes_share_most_volume_with_toys(
    wrong: float, starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.fullness.thin_parts", lambda network, toy: [-9.0])
    network = TSR.from_pretrained(starter / "meshes")
    bias = network.decoder.state_dict()["layers.8.bias"]
    bias[0] += wrong
    before = shifted_ious(network, 2)
    shift = balance(network, 1, 2)
    assert shift == SHIFTS[before.argmax()]
    assert np.sign(shift) == -np.sign(wrong)
    after = shifted_ious(network, 2)
    assert after[len(SHIFTS) // 2] == pytest.approx(before.max())
    assert SHIFTS[after.argmax()] == pytest.approx(0, abs=0.03)
