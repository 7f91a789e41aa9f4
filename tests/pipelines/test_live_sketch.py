"""Pictures that follow a drawing: which drawings are news, and what is drawn of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from models.catalogue import CATALOGUE
from models.store import ModelStore
from pipelines.events import Step
from pipelines.live_sketch import Follower, LiveSketch
from pipelines.requests import Sketching, parse_request
from pipelines.scribble import scribble_of
from pipelines.studio import Studio
from tests.miniature import make_unet
from tests.models.lora_files import make_lora

WORDS = Sketching(prompt="a red house", seed=1)
INK = {"ink": 1.0}


def box(right: int = 400) -> Image.Image:
    picture = Image.new("RGB", (512, 512), "white")
    ImageDraw.Draw(picture).rectangle((120, 160, right, 420), outline="black", width=8)
    return scribble_of(picture, 256, 256)


def test_a_drawing_is_news_once() -> None:
    follower = Follower()
    assert follower.news(box(), WORDS)
    assert not follower.news(box(), WORDS)


def test_a_stroke_that_hardly_shows_is_skipped_and_a_real_one_is_not() -> None:
    follower = Follower()
    follower.news(box(), WORDS)
    dotted = box()
    ImageDraw.Draw(dotted).point([(20, 20), (21, 20)], "white")
    assert not follower.news(dotted, WORDS)
    assert follower.news(box(330), WORDS)


def test_other_words_or_another_temperature_are_news() -> None:
    follower = Follower()
    follower.news(box(), WORDS)
    assert follower.news(box(), Sketching(prompt="a blue house", seed=1))
    assert follower.news(box(), Sketching(prompt="a blue house", seed=1, temperature=0.2))


def test_small_changes_add_up_to_news() -> None:
    follower, told = Follower(), 0
    for right in range(400, 380, -1):
        told += follower.news(box(right), WORDS)
    assert 2 <= told < 20


def test_paper_that_was_cleared_is_news_again() -> None:
    follower = Follower()
    assert not follower.forget()
    follower.news(box(), WORDS)
    assert follower.forget()
    assert follower.news(box(), WORDS)


def test_the_picture_depends_on_the_drawing_and_the_seed(store: ModelStore) -> None:
    live = LiveSketch(store)
    small = Sketching(prompt="a red house", seed=1, width=64, height=64)
    wide, narrow = (scribble_of(Image.eval(box(right), lambda v: 255 - v), 64, 64) for right in (400, 250))
    one, again, other, reseeded = (
        np.asarray(live.draw(request, scribble))
        for request, scribble in (
            (small, wide),
            (small, wide),
            (small, narrow),
            (small.model_copy(update={"seed": 2}), wide),
        )
    )
    assert one.shape == (64, 64, 3)
    assert (one == again).all()
    assert (one != other).any()
    assert (one != reseeded).any()


def test_it_wears_its_loras_and_leaves_those_of_a_job_that_it_interrupts(
    store: ModelStore, data_dir: Path, tmp_path: Path
) -> None:
    make_lora(data_dir / "loras" / "ink.safetensors", make_unet(), seed=1)
    live, scribble = LiveSketch(store), box().resize((64, 64))
    small = Sketching(prompt="a red house", seed=1, width=64, height=64)
    bare, inked = (
        np.asarray(live.draw(small.model_copy(update={"loras": loras}), scribble)) for loras in ({}, INK)
    )
    assert (bare != inked).any()
    words = {"kind": "text_to_image", "prompt": "a ball", "seed": 3, "steps": 4, "loras": INK}
    request, drawn = parse_request(words | {"width": 64, "height": 64}), []
    for interrupts in (False, True):
        for event in Studio(store, data_dir).run(request, tmp_path, lambda: False):
            if interrupts and isinstance(event, Step) and event.stage == "drawing" and event.step < 4:
                assert (np.asarray(live.draw(small, scribble)) == bare).all()
        drawn.append((tmp_path / "image-0.png").read_bytes())
    assert drawn[0] == drawn[1]


def test_with_loras_the_model_that_they_were_made_for_draws_and_else_its_smaller_edition(
    whole_store: ModelStore, starter_dir: Path, data_dir: Path
) -> None:
    alone = CATALOGUE | {"starter": replace(CATALOGUE["starter"], live="")}
    store = ModelStore(whole_store.runtime, data_dir, offline=True, starter_dir=starter_dir, catalogue=alone)
    make_lora(data_dir / "loras" / "ink.safetensors", make_unet(), seed=1)
    small = Sketching(prompt="a red house", seed=1, width=64, height=64)
    inked = small.model_copy(update={"loras": INK})
    (quick, worn), (own, same) = (
        [np.asarray(LiveSketch(each).draw(wish, box().resize((64, 64)))) for wish in (small, inked)]
        for each in (whole_store, store)
    )
    assert (quick != own).any()
    assert (worn == same).all()


def test_only_quick_models_that_are_here_follow(store: ModelStore) -> None:
    live = LiveSketch(store)
    assert live.follows("starter")
    assert not live.follows("sd15")
    assert not live.follows("sdxl")
