"""Pictures drawn anew, with tiny random models."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.catalogue import find_card
from models.errors import Cancelled, MaquetteError
from models.store import ModelStore
from pipelines.events import Artifact, Event, Step
from pipelines.image_to_image import vary
from pipelines.metadata import read_parameters
from pipelines.pictures import keep_input
from pipelines.requests import ImageToImage, parse_request
from pipelines.sizes import fitting_size
from pipelines.studio import Studio

Run = Callable[..., list[Event]]
GRADIENT = Image.linear_gradient("L").convert("RGB")
REFERENCE = f"inputs/{'0' * 64}.png"


@pytest.fixture
def run(store: ModelStore, data_dir: Path, tmp_path: Path) -> Run:
    def run(
        picture: Image.Image = GRADIENT, cancelled: Callable[[], bool] = bool, **fields: Any
    ) -> list[Event]:
        request = {"kind": "image_to_image", "image": keep_input(picture, data_dir), "seed": 5, **fields}
        return list(Studio(store, data_dir).run(parse_request(request), tmp_path, cancelled))

    return run


def test_each_of_several_is_drawn_from_its_own_seed_in_a_part_of_the_steps(run: Run, tmp_path: Path) -> None:
    events = run(steps=8, strength=0.5, num_images=2)
    drawn = [event for event in events if isinstance(event, Step) and event.stage == "drawing"]
    assert [(step.step, step.total) for step in drawn] == [(index, 4) for index in (1, 2, 3, 4)]
    assert all(step.preview is not None for step in drawn)
    seeds = [event.figures["seed"] for event in events if isinstance(event, Artifact)]
    assert seeds == [5, 6]
    one, two = ((tmp_path / f"image-{index}.png").read_bytes() for index in (0, 1))
    assert one != two


def test_one_step_is_left_however_little_may_change(run: Run) -> None:
    events = run(steps=2, strength=0.01)
    assert len([e for e in events if isinstance(e, Step) and e.stage == "drawing"]) == 1


def test_all_may_change_is_as_if_there_were_only_words(
    run: Run, store: ModelStore, data_dir: Path, tmp_path: Path
) -> None:
    run(prompt="a cat", steps=3, strength=1.0)
    varied = np.asarray(Image.open(tmp_path / "image-0.png"), dtype=int)
    words = parse_request({"kind": "text_to_image", "prompt": "a cat", "steps": 3, "seed": 5})
    list(Studio(store, data_dir).run(words, tmp_path, lambda: False))
    assert np.abs(varied - np.asarray(Image.open(tmp_path / "image-0.png"), dtype=int)).max() <= 1


def test_the_picture_tells_what_it_was_made_of_and_how(run: Run, tmp_path: Path) -> None:
    run(prompt="a cat", steps=4, strength=0.5)
    record = read_parameters(tmp_path / "image-0.png") or {}
    assert record["facts"]["strength"] == 0.5 and record["request"]["image"].startswith("inputs/")
    assert "Denoising strength: 0.5" in Image.open(tmp_path / "image-0.png").info["parameters"]


def test_cancelling_stops_within_one_step(run: Run, tmp_path: Path) -> None:
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 4

    with pytest.raises(Cancelled):
        run(cancelled=cancelled, steps=100, strength=1.0)
    assert list(tmp_path.iterdir()) == []


def test_what_is_transparent_is_drawn_on_white() -> None:
    clear = Image.new("RGBA", (256, 256), (200, 0, 0, 0))
    _, approach = vary(find_card("starter"), ImageToImage(image=REFERENCE), clear)
    assert approach.begin.__self__.picture.getpixel((9, 9)) == (255, 255, 255)  # type: ignore[attr-defined]


@pytest.mark.parametrize("strength", [0, -1, 1.01, "much", None, float("nan")])
def test_a_strength_beyond_its_limits_is_refused(strength: Any) -> None:
    with pytest.raises(MaquetteError, match="strength") as caught:
        parse_request({"kind": "image_to_image", "image": REFERENCE, "strength": strength})
    assert caught.value.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("size", "model", "fits"),
    [
        ((4000, 3000), "sd15", (768, 576)),
        ((700, 525), "sd15", (696, 520)),
        ((640, 640), "sd15", (640, 640)),
        ((100, 80), "sd15", (512, 408)),
        ((4000, 3000), "sdxl", (1024, 768)),
        ((3000, 4000), "starter", (192, 256)),
        ((20, 20), "starter", (256, 256)),
    ],
)
def test_a_picture_is_drawn_near_its_own_size_and_shape(
    size: tuple[int, int], model: str, fits: tuple[int, int]
) -> None:
    assert fitting_size(*size, find_card(model)) == fits


def test_a_picture_that_is_too_narrow_is_refused_with_the_limit() -> None:
    with pytest.raises(
        MaquetteError, match="4000 x 100; one side may be at most 12 times the other"
    ) as caught:
        fitting_size(4000, 100, find_card("sd15"))
    assert caught.value.code == "BAD_IMAGE"
