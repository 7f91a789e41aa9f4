"""What the shipped starter set makes of pictures."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from models.runtime import Runtime
from models.store import ModelStore
from pipelines.pictures import keep_input
from pipelines.requests import parse_request
from pipelines.studio import Studio
from tests.server import has_starter

pytestmark = pytest.mark.skipif(not has_starter(), reason="no starter set: python -m training.make_starter")
Draw = Callable[..., NDArray[np.int64]]


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """The pixels [256, 256, 3] that become of a request, its picture given as pixels."""
    data_dir = tmp_path_factory.mktemp("data")
    store = ModelStore(Runtime(torch.device("cpu"), torch.float32, "a test"), data_dir, offline=True)

    def draw(**fields: Any) -> NDArray[np.int64]:
        for name in ("image", "mask"):
            if name in fields:
                fields[name] = keep_input(Image.fromarray(fields[name].astype(np.uint8)), data_dir)
        request = parse_request({"steps": 10, "seed": 3, **fields})
        list(Studio(store, data_dir).run(request, data_dir / "job", lambda: False))
        return np.asarray(Image.open(data_dir / "job" / "image-0.png"), dtype=np.int64)

    return draw


@pytest.fixture(scope="module")
def mushroom(draw: Draw) -> NDArray[np.int64]:
    """A red mushroom by the starter itself."""
    return draw(kind="text_to_image", prompt="a red mushroom")


def shape_of(pixels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """What is not white."""
    found: NDArray[np.bool_] = pixels.min(axis=2) < 230
    return found


def test_a_varied_picture_keeps_its_shape_and_takes_the_colour_of_the_words(
    draw: Draw, mushroom: NDArray[np.int64]
) -> None:
    varied = draw(kind="image_to_image", image=mushroom, prompt="a blue mushroom")
    old, new = shape_of(mushroom), shape_of(varied)
    assert (old & new).sum() > 0.8 * (old | new).sum()
    red, _, blue = varied[30:110][new[30:110]].mean(axis=0)
    assert blue > 1.5 * red


def test_a_cap_that_is_painted_over_is_blue_above_its_old_stem(
    draw: Draw, mushroom: NDArray[np.int64]
) -> None:
    mask = np.zeros((256, 256))
    mask[:140] = 255
    painted = draw(kind="inpaint", image=mushroom, mask=mask, prompt="a blue mushroom")
    red, _, blue = painted[40:110][shape_of(painted)[40:110]].mean(axis=0)
    assert blue > 1.5 * red
    assert (painted[140:] == mushroom[140:]).all()
