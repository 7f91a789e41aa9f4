"""Which network cuts an object out, and what is told of one that stands in for another."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.events import Note
from pipelines.object_search import find_object
from pipelines.pictures import keep_input
from pipelines.requests import Background, parse_request
from pipelines.studio import Studio
from tests.miniature import make_background

PLAIN = Image.new("RGB", (96, 96), "white")
PLAIN.paste((200, 30, 30), (30, 30, 70, 70))


@pytest.fixture(autouse=True)
def without_u2net(whole_store: ModelStore) -> None:
    if whole_store.state("u2net") != "missing":
        pytest.skip("this machine has the weights of u2net")


def store_of(whole_store: ModelStore, data_dir: Path, starter_dir: Path) -> ModelStore:
    """One that knows the same models, of other folders."""
    cards = whole_store.shelf.cards
    return ModelStore(whole_store.runtime, data_dir, offline=True, starter_dir=starter_dir, catalogue=cards)


def busy() -> Image.Image:
    """A bright box before dark noise."""
    pixels = np.random.default_rng(0).integers(0, 90, (96, 96, 3), np.uint8)
    pixels[30:70, 24:80] = (250, 240, 230)
    return Image.fromarray(pixels)


def search(store: ModelStore, picture: Image.Image, method: Background) -> tuple[Image.Image, list[str]]:
    told: list[str] = []
    return find_object(store, picture, method, told.append), told


@pytest.mark.parametrize("method", ["auto", "rembg"])
def test_the_network_that_ships_stands_in_for_one_that_is_not_here_and_that_is_told(
    whole_store: ModelStore, method: Background
) -> None:
    cut, (note,) = search(whole_store, busy(), method)
    alpha = np.asarray(cut)[..., 3]
    assert alpha[36:64, 30:74].min() > 200 and alpha[:24].max() < 120
    assert "by Starter scissors, which is good at bright things" in note
    assert "U-2-Net background removal (u2net) is better" in note and "176 MB" in note
    assert "`python -m models download u2net`" in note


def test_asked_for_by_its_name_it_is_no_news(whole_store: ModelStore) -> None:
    assert search(whole_store, busy(), "starter-background")[1] == []


def test_a_plain_background_needs_no_network(whole_store: ModelStore) -> None:
    assert search(whole_store, PLAIN, "auto")[1] == search(whole_store, PLAIN, "fill")[1] == []


@pytest.mark.parametrize("method", ["auto", "rembg", "u2net"])
def test_u2net_is_used_where_it_is(
    whole_store: ModelStore, starter_dir: Path, tmp_path: Path, method: Background
) -> None:
    make_background(tmp_path / "models" / "u2net" / "u2net.onnx")
    having = store_of(whole_store, tmp_path, starter_dir)
    assert search(having, busy(), method)[1] == []
    assert (having.state("u2net"), having.state("starter-background")) == ("loaded", "ready")


@pytest.mark.parametrize("method", ["u2net", "u2netp"])
def test_a_network_asked_for_by_name_is_missing_without_its_weights(
    whole_store: ModelStore, method: Background
) -> None:
    with pytest.raises(MaquetteError, match=f"{method}.onnx") as caught:
        search(whole_store, busy(), method)
    assert caught.value.code == "MODEL_MISSING"


@pytest.mark.parametrize(
    ("method", "code", "said"),
    [("auto", "BAD_IMAGE", "plain or transparent background"), ("rembg", "MODEL_MISSING", "u2net.onnx")],
)
def test_where_none_ships_a_busy_background_is_refused_with_advice(
    whole_store: ModelStore, tmp_path: Path, method: Background, code: str, said: str
) -> None:
    noise = Image.effect_noise((64, 64), 120).convert("RGB")
    with pytest.raises(MaquetteError, match=said) as caught:
        search(store_of(whole_store, tmp_path, tmp_path / "nowhere"), noise, method)
    assert caught.value.code == code


def test_a_job_tells_the_substitute_and_with_a_mask_there_is_none(
    whole_store: ModelStore, data_dir: Path, tmp_path: Path
) -> None:
    def substitutes(**fields: Any) -> list[str]:
        wish = {"kind": "image_to_mesh", "image": keep_input(busy(), data_dir), "resolution": 16}
        events = Studio(whole_store, data_dir).run(parse_request(wish | fields), tmp_path, lambda: False)
        told = [event.text for event in events if isinstance(event, Note)]
        return [text for text in told if "Starter scissors" in text]

    assert len(substitutes()) == 1
    assert substitutes(mask=keep_input(Image.new("L", (96, 96), 255), data_dir), background="rembg") == []
