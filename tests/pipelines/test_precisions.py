"""Each published layout in miniature, drawn with plain weights and with those packed in bfloat16."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.runtime import Runtime
from models.store import ModelStore
from pipelines.pictures import keep_input
from pipelines.requests import parse_request
from pipelines.studio import Studio
from tests.models.checkpoints import make_controlnet, make_sd, make_sd_turbo, make_sdxl

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch without oneDNN")
MAKERS: dict[str, Callable[[Path], Path]] = {"sd15": make_sd, "sd-turbo": make_sd_turbo, "sdxl": make_sdxl}
WORDS = {"prompt": "a red ball", "steps": 4, "seed": 1}
SIDES = {"width": 64, "height": 64}
WAYS = {
    "sd15": ["text_to_image", "image_to_image", "inpaint", "sketch_to_image"],
    "sd-turbo": ["text_to_image"],
    "sdxl": ["text_to_image", "image_to_image", "inpaint"],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    for name, make in MAKERS.items():
        make(data / "models" / name)
    make_controlnet(data / "models" / "controlnet-scribble")
    return data


@pytest.fixture(scope="module")
def inputs(data: Path) -> dict[str, dict[str, Any]]:
    """What each kind of request has beside its words: pictures of a disc."""
    disc = Image.new("L", (64, 64))
    ImageDraw.Draw(disc).ellipse((16, 16, 48, 48), fill=255)
    drawing = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(drawing).ellipse((8, 8, 56, 56), outline="black", width=3)
    picture = keep_input(Image.composite(Image.new("RGB", (64, 64), "red"), drawing, disc), data)
    return {
        "text_to_image": SIDES,
        "image_to_image": {"image": picture, "strength": 0.6},
        "inpaint": {"image": picture, "mask": keep_input(disc, data)},
        "sketch_to_image": SIDES | {"image": keep_input(drawing, data)},
    }


@pytest.mark.parametrize(("model", "kind"), [(model, kind) for model in WAYS for kind in WAYS[model]])
def test_both_precisions_draw_the_same(
    model: str,
    kind: str,
    data: Path,
    inputs: dict[str, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("image_to_image", "inpaint"):  # as large as in the other ways
        monkeypatch.setattr(f"pipelines.{module}.fitting_size", lambda width, height, card: (64, 64))
    request = parse_request(WORDS | inputs[kind] | {"kind": kind, "model": model})

    def drawn(dtype: torch.dtype) -> NDArray[np.float64]:
        store = ModelStore(Runtime(torch.device("cpu"), dtype, "a test"), data, offline=True)
        list(Studio(store, data).run(request, tmp_path, lambda: False))
        with Image.open(tmp_path / "image-0.png") as image:
            return np.asarray(image.convert("RGB"), float)

    exact, packed = drawn(torch.float32), drawn(torch.bfloat16)
    assert exact.shape == packed.shape and exact.std() > 1
    assert np.abs(exact - packed).mean() < 3
