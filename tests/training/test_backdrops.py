"""Made-up backgrounds."""

import numpy as np
import pytest

from training.backdrops import SORTS, Sort, backdrop


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
def test_every_sort_of_background_fills_the_picture(sort: Sort) -> None:
    rng = np.random.default_rng(1)
    colours = rng.random((2, 3), np.float32)
    found = np.asarray(sort(rng, 48, colours[0], colours[1]))
    assert found.shape == (48, 48, 3)
    assert np.isfinite(found).all()


def test_backgrounds_are_colours_and_differ() -> None:
    found = [backdrop(np.random.default_rng(seed), 32) for seed in range(30)]
    assert all(one.dtype == np.float32 and one.min() >= 0 and one.max() <= 1 for one in found)
    assert len({one.tobytes() for one in found}) == 30
