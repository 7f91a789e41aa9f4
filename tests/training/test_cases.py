"""The judge's own toys."""

from pathlib import Path

import numpy as np

from training.cases import FIRST, SIDE, make_case
from training.data import NETWORK_SIZE, SHARD, keep_shard, keep_views, load_shards, make_shards
from training.description import Description


def test_a_seed_gives_the_same_case_again_in_its_own_size() -> None:
    case, again = make_case(FIRST), make_case(FIRST)
    assert case.toy.description == again.toy.description
    assert case.picture.shape == (SIDE, SIDE, 3)
    assert case.framed.shape == (NETWORK_SIZE, NETWORK_SIZE, 3)
    assert np.array_equal(case.picture, again.picture)
    assert case.picture.min() < 200


def touch(folder: Path, index: int) -> None:
    (folder / f"shard-{index:04d}").mkdir()
    (folder / "drawn").open("a").write(f"{index} ")


def test_only_shards_that_are_missing_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "shard-0001").mkdir()
    make_shards(tmp_path, 3 * SHARD, workers=1, write=touch)
    assert (tmp_path / "drawn").read_text() == "0 2 "


def test_a_shard_appears_whole_with_what_is_said_of_its_toys(tmp_path: Path) -> None:
    case = make_case(FIRST)
    keep_views(tmp_path, 0, [case, case])
    found = load_shards(tmp_path, "picture")
    assert found.toys == [case.toy.description] * 2
    assert found.take("picture", np.array([1])).shape == (1, SIDE, SIDE, 3)


def test_sets_of_shards_of_any_length_are_counted_through(tmp_path: Path) -> None:
    toys = [Description(kind, "red") for kind in ("cat", "mug", "car", "fish", "cup")]
    for folder, index, rows in (("a", 0, (0, 1)), ("a", 1, (2,)), ("b", 0, (3, 4))):
        keep_shard(tmp_path / folder, index, {"row": np.array(rows)}, [toys[row] for row in rows])
    every = load_shards(tmp_path / "a", "row") + load_shards(tmp_path / "b", "row")
    assert every.toys == toys
    assert every.take("row", np.array([4, 0, 2, 3, 1])).tolist() == [4, 0, 2, 3, 1]
