"""Pictures made larger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.errors import Cancelled, MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from models.upscalers import Upscaler, find_upscalers, load_upscaler
from pipelines.events import Artifact, Event, Step
from pipelines.metadata import read_parameters
from pipelines.pictures import keep_input
from pipelines.requests import parse_request
from pipelines.studio import Studio
from pipelines.upscale import Tiles

Run = Callable[..., list[Event]]
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (70, 90, 3), dtype=np.uint8))
DOUBLE = Upscaler(2, lambda x: x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))


@pytest.fixture
def run(store: ModelStore, data_dir: Path, tmp_path: Path) -> Run:
    def run(picture: Image.Image = NOISE, **fields: Any) -> list[Event]:
        request = {"kind": "upscale", "image": keep_input(picture, data_dir), **fields}
        return list(Studio(store, data_dir).run(parse_request(request), tmp_path, lambda: False))

    return run


@pytest.mark.parametrize("scale", [2, 4])
def test_a_picture_is_enlarged_at_once(run: Run, tmp_path: Path, scale: int) -> None:
    (artifact,) = [event for event in run(scale=scale) if isinstance(event, Artifact)]
    assert artifact.figures == {"width": 90 * scale, "height": 70 * scale}
    large = Image.open(tmp_path / "image-0.png")
    assert large.size == (90 * scale, 70 * scale)
    assert large.tobytes() == NOISE.resize(large.size, Image.Resampling.LANCZOS).tobytes()


def test_transparency_stays(run: Run, tmp_path: Path) -> None:
    clear = NOISE.convert("RGBA")
    clear.putalpha(0)
    run(clear)
    assert Image.open(tmp_path / "image-0.png").getchannel("A").getextrema() == (0, 0)


def test_the_words_of_a_drawing_go_with_it(store: ModelStore, data_dir: Path, tmp_path: Path) -> None:
    studio, drawn = Studio(store, data_dir), data_dir / "artifacts" / "drawn"
    words = {"kind": "text_to_image", "prompt": "a cat", "steps": 2, "seed": 9, "width": 64, "height": 64}
    list(studio.run(parse_request(words), drawn, lambda: False))
    request = {"kind": "upscale", "image": "artifacts/drawn/image-0.png"}
    list(studio.run(parse_request(request), tmp_path, lambda: False))
    facts = (read_parameters(tmp_path / "image-0.png") or {})["facts"]
    assert (facts["prompt"], facts["seed"], facts["width"]) == ("a cat", 9, 128)
    assert Image.open(tmp_path / "image-0.png").info["parameters"].startswith("a cat\n")


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"scale": 3}, "BAD_REQUEST", "scale: 3 is not one of 2 or 4"),
        ({"upscaler": "nothing.pth"}, "BAD_REQUEST", "'nothing.pth' is not one of lanczos"),
        ({"upscaler": "../../etc/passwd"}, "BAD_REQUEST", "is not one of lanczos"),
    ],
)
def test_what_there_is_not_is_refused(run: Run, fields: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(MaquetteError, match=words) as caught:
        run(**fields)
    assert caught.value.code == code


def test_a_result_beyond_the_limit_of_pixels_is_refused(run: Run) -> None:
    with pytest.raises(MaquetteError, match="64,000,000 pixels, the limit is 50,000,000") as caught:
        run(Image.new("RGB", (2000, 2000)), scale=4)
    assert caught.value.code == "TOO_LARGE"


def test_tiles_leave_no_seam_and_each_is_told() -> None:
    told: list[Event] = []
    tiles = Tiles(DOUBLE, NOISE, torch.device("cpu"), lambda: None, tile=32)
    large = tiles.enlarge(told.append)
    assert large.tobytes() == NOISE.resize((180, 140), Image.Resampling.NEAREST).tobytes()
    steps = [(event.step, event.total) for event in told if isinstance(event, Step)]
    assert steps == [(index, 9) for index in range(1, 10)]


def test_cancelling_stops_between_tiles() -> None:
    def check() -> None:
        raise Cancelled()

    with pytest.raises(Cancelled):
        Tiles(DOUBLE, NOISE, torch.device("cpu"), check).enlarge(lambda _: None)


def test_networks_are_found_by_their_files_names(tmp_path: Path) -> None:
    for name in ("b.pth", "a.safetensors", "readme.txt"):
        (tmp_path / name).touch()
    assert list(find_upscalers(tmp_path)) == ["a.safetensors", "b.pth"]
    assert find_upscalers(tmp_path / "missing") == {}


def test_a_file_that_is_no_network_is_told_by_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "broken.pth").write_bytes(b"this is no network")
    with pytest.raises(MaquetteError, match="upscaler: broken.pth") as caught:
        load_upscaler(tmp_path / "broken.pth", Runtime(torch.device("cpu"), torch.float32, "a test"))
    assert caught.value.code == "MODEL_MISSING" and str(tmp_path) not in caught.value.message
