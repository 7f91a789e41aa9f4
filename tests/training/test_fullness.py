"""How full the mesh network makes its toys."""

import pytest
import torch

from training.fullness import fill
from training.measure_thin import spindly_toys, thin_parts
from training.meshes import new_mesh_network


@pytest.mark.parametrize("enough", [0.7, 0.9])
def test_raw_density_is_raised_until_enough_thin_parts_are_there_and_no_further(
    enough: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.fullness.ENOUGH", enough)
    monkeypatch.setattr("training.fullness.FIRST_SEED", 7)
    torch.manual_seed(0)
    network = new_mesh_network().eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    raised = fill(network, 3)
    assert raised > 0
    parts = [part for _, toy in spindly_toys(7, 3) for part in thin_parts(network, toy)]
    there = sum(part <= 1e-4 for part in parts)
    assert there / len(parts) >= enough
    assert (there - 1) / len(parts) < enough
    changed = [name for name, value in network.state_dict().items() if not torch.equal(value, before[name])]
    assert changed == ["decoder.layers.8.bias"]
    assert fill(network, 3) == pytest.approx(0, abs=1e-4)
