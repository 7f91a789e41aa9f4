"""The judge's own toys."""

from pathlib import Path

import numpy as np

from training.cases import FIRST, SIDE, make_case
from training.data import SHARD, keep_shard, load_shards, make_shards


def test_a_seed_gives_the_same_case_again_in_its_own_size() -> None:
    (toy, picture), (again, same) = make_case(FIRST), make_case(FIRST)
    assert toy == again
    assert picture.shape == (SIDE, SIDE, 3)
    assert np.array_equal(picture, same)
    assert picture.min() < 200


def touch(folder: Path, index: int) -> None:
    (folder / f"shard-{index:04d}").mkdir()
    (folder / "drawn").open("a").write(f"{index} ")


def test_only_shards_that_are_missing_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "shard-0001").mkdir()
    make_shards(tmp_path, 3 * SHARD, workers=1, write=touch)
    assert (tmp_path / "drawn").read_text() == "0 2 "


def test_a_shard_appears_whole_with_what_is_said_of_its_toys(tmp_path: Path) -> None:
    pictures = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    toys = [make_case(FIRST)[0]] * 2
    keep_shard(tmp_path, 0, {"picture": pictures}, toys)
    found = load_shards(tmp_path, "picture")
    assert found.toys == toys
    assert found.take("picture", np.array([1])).shape == (1, SIDE, SIDE, 3)
