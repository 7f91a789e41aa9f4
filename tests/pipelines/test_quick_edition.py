"""The starter's quick edition with tiny random models: few steps of one pass, as diffusers draws them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw

from models.store import ModelStore
from pipelines.events import Event, Note, Step
from pipelines.live_sketch import LiveSketch
from pipelines.metadata import read_parameters
from pipelines.pictures import keep_input
from pipelines.requests import Sketching, SketchToImage, parse_request
from pipelines.scribble import scribble_of
from pipelines.sketch_to_image import plan_sketch
from pipelines.studio import Studio

FAST = "starter-fast"
SIZE: dict[str, Any] = {"width": 64, "height": 64}
BOX = Image.new("RGB", (512, 512), "white")
ImageDraw.Draw(BOX).rectangle((120, 160, 400, 420), outline="black", width=8)
SKETCH = Sketching(prompt="a red house", seed=1, **SIZE)
Run = Callable[..., list[Event]]


@pytest.fixture
def run(whole_store: ModelStore, data_dir: Path, tmp_path: Path) -> Run:
    def run(kind: str = "text_to_image", **fields: Any) -> list[Event]:
        request = parse_request({"kind": kind, "prompt": "a red house", "model": FAST, "seed": 11} | fields)
        return list(Studio(whole_store, data_dir).run(request, tmp_path, lambda: False))

    return run


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


def drawn(events: list[Event]) -> list[Step]:
    return [event for event in events if isinstance(event, Step) and event.stage == "drawing"]


def test_it_draws_in_four_steps_of_one_pass_what_diffusers_draws(
    run: Run, whole_store: ModelStore, tmp_path: Path
) -> None:
    pipeline: Any = whole_store.image_pipeline(FAST)
    batches: list[int] = []
    handle = pipeline.unet.register_forward_pre_hook(lambda unet, given: batches.append(len(given[0])))
    try:
        events = run(**SIZE)
    finally:
        handle.remove()
    assert batches == [1, 1, 1, 1]
    assert [step.step for step in drawn(events)] == [1, 2, 3, 4]
    assert all(step.preview is not None for step in drawn(events))
    bare = pipeline(
        "a red house",
        num_inference_steps=4,
        guidance_scale=1.0,
        generator=torch.Generator("cpu").manual_seed(11),
        **SIZE,
    ).images[0]
    assert pixels(tmp_path / "image-0.png") == bare.tobytes()


def test_the_picture_tells_the_sampler_and_its_own_guidance_is_no_mistake(run: Run, tmp_path: Path) -> None:
    assert notes(run(**SIZE, guidance_scale=1.0)) == []
    record = read_parameters(tmp_path / "image-0.png")
    assert record is not None
    facts = record["facts"]
    assert (facts["model"], facts["sampler"], facts["steps"], facts["guidance_scale"]) == (
        FAST,
        "LCM",
        4,
        1.0,
    )


def test_what_has_no_effect_or_a_bad_one_is_told(run: Run) -> None:
    assert "negative prompt has no effect" in notes(run(**SIZE, negative_prompt="blue"))[0]
    assert "made to draw without guidance" in notes(run(**SIZE, guidance_scale=3.0))[0]
    assert "guidance_scale 0.5 has no effect" in notes(run(**SIZE, guidance_scale=0.5))[0]


@pytest.mark.parametrize("scheduler", ["DDIM", "Euler a"])
def test_it_takes_other_samplers_too(run: Run, tmp_path: Path, scheduler: str) -> None:
    own, other = pixels_of(run, tmp_path), pixels_of(run, tmp_path, scheduler=scheduler)
    assert own != other


def pixels_of(run: Run, folder: Path, **fields: Any) -> bytes:
    run(**SIZE, **fields)
    return pixels(folder / "image-0.png")


def test_a_picture_is_varied_by_it(run: Run, data_dir: Path) -> None:
    picture = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    events = run("image_to_image", image=keep_input(picture, data_dir), strength=0.5)
    assert len(drawn(events)) == 2


def test_a_sketch_is_drawn_with_its_own_steps_and_guidance_and_not_the_control_nets(
    run: Run, whole_store: ModelStore, data_dir: Path
) -> None:
    reference = keep_input(BOX, data_dir)
    plans = [
        plan_sketch(whole_store.card, SketchToImage(image=reference, model=model), 1)
        for model in ("starter", FAST)
    ]
    assert [(plan.steps, plan.guidance_scale) for plan in plans] == [(20, 3.0), (4, 1.0)]
    assert len(drawn(run("sketch_to_image", image=reference, **SIZE))) == 4


def test_the_starter_is_followed_live_by_its_quick_edition(whole_store: ModelStore) -> None:
    live, scribble = LiveSketch(whole_store), scribble_of(BOX, 64, 64)
    chosen = SKETCH.model_copy(update={"model": FAST})
    styled = SKETCH.model_copy(update={"scheduler": "Euler a"})  # of the picture that comes of Generate
    assert live.follows("starter") and live.side(SKETCH) == 256
    found = [live.draw(request, scribble).tobytes() for request in (SKETCH, chosen, styled)]
    assert found[0] == found[1] == found[2]
    assert whole_store.state(FAST) == "loaded"


def test_without_the_quick_edition_the_starter_follows_by_itself(
    whole_store: ModelStore, data_dir: Path, starter_dir: Path, tmp_path: Path
) -> None:
    for part in ("pictures", "control"):
        (tmp_path / part).symlink_to(starter_dir / part)
    cards = whole_store.shelf.cards
    unaware = {**cards, "starter": replace(cards["starter"], live="")}
    lacking, plain = (
        ModelStore(whole_store.runtime, data_dir, offline=True, starter_dir=folder, catalogue=known)
        for folder, known in ((tmp_path, cards), (starter_dir, unaware))
    )
    assert lacking.state(FAST) == "missing" and LiveSketch(lacking).follows("starter")
    scribble, found = scribble_of(BOX, 64, 64), []
    for store in (lacking, plain, whole_store):
        found.append(LiveSketch(store).draw(SKETCH, scribble).tobytes())
    assert found[0] == found[1] != found[2]
