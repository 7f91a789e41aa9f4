"""Files that training keeps."""

from pathlib import Path

import pytest
import torch

from training import states
from training.cases import make_case
from training.data import keep_views, load_shards


def test_a_state_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state.pt"
    states.keep(file, {"step": 1})
    states.keep(file, {"step": 2, "weights": torch.ones(3)})
    found = states.kept(file)
    assert found["step"] == 2
    assert torch.equal(found["weights"], torch.ones(3))
    assert [left.name for left in file.parent.iterdir()] == ["state.pt"]


@pytest.mark.parametrize("size", [0, 10, 400])
def test_a_damaged_file_is_refused_by_its_name(tmp_path: Path, size: int) -> None:
    file = tmp_path / "state.pt"
    states.keep(file, {"weights": torch.ones(300)})
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(states.DamagedState, match=r"state\.pt .*delete it"):
        states.kept(file)


@pytest.mark.parametrize("name", ["picture.npy", "toys.json"])
def test_a_damaged_shard_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    keep_views(tmp_path, 0, [make_case(1)])
    file = tmp_path / "shard-0000" / name
    file.write_bytes(file.read_bytes()[:10])
    with pytest.raises(states.DamagedState, match="shard-0000"):
        load_shards(tmp_path, "picture")
