"""What ships is what it promises to be, on a handful; `python -m training.evaluate` measures all of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch
from diffusers import StableDiffusionPipeline

from pipelines.previews import TinyDecoder, colours_of
from training.captions import plain
from training.data import HELD_OUT, Bytes, make_view
from training.description import Description
from training.export import OtherJudge
from training.measure_autoencoder import coded, object_psnr, preview_figures, renders
from training.measure_background import background_figures
from training.measure_guidance import mean_apart
from training.measure_meshes import coded_iou, render_figures
from training.measure_pictures import fast_brush, usual_brush
from training.measure_sketches import follower, sketch_figures
from training.measure_starter import Ask, MissingWeights, Starter
from training.meshes import RADIUS
from training.questions import Answer, shares
from tsr import TSR

TOYS = [
    Description("mushroom", "red"),
    Description("car", "blue"),
    Description("robot", "green"),
    Description("teapot", "yellow"),
    Description("chair", "purple"),
]  # what every edition of the starter set knows
CAPTIONS = [plain(toy) for toy in TOYS]
AGAIN = 2  # of them are painted twice
LARGEST = 90e6  # bytes of all weights: every clone carries them
Part = TypeVar("Part")


@pytest.fixture(scope="module")
def shipped(starter: Path) -> Starter:
    return Starter(starter)


@pytest.fixture(scope="module")
def ask(shipped: Starter) -> Ask:
    try:
        return shipped.judge
    except (MissingWeights, OtherJudge) as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def pictures(starter: Path) -> Bytes:
    """A picture of each toy, and another one of the first of them; every picture has a seed of its own."""
    pipeline = StableDiffusionPipeline.from_pretrained(starter / "pictures")
    pipeline.set_progress_bar_config(disable=True)
    return usual_brush(pipeline)(CAPTIONS + CAPTIONS[:AGAIN], seed=1)


def there(name: str, load: Callable[[], Part]) -> Part:
    """A part of the starter set, or the test is skipped for it."""
    try:
        return load()
    except MissingWeights as error:
        pytest.skip(f"the starter set has no {name}: {error}")


def test_the_weights_stay_small(starter: Path) -> None:
    assert sum(path.stat().st_size for path in starter.rglob("*") if path.is_file()) < LARGEST


def test_unmodified_diffusers_draws_what_is_asked(pictures: Bytes, ask: Ask) -> None:
    found = shares(ask(pictures), TOYS + TOYS[:AGAIN])
    assert found["kind"] >= 0.7
    assert found["colour"] >= 0.8


def test_pictures_are_of_objects_on_white(pictures: Bytes) -> None:
    assert pictures[:, :4].mean((1, 2, 3)).min() > 245
    assert (pictures.min(-1) < 200).mean((1, 2)).min() > 0.05


def test_two_seeds_give_two_pictures(pictures: Bytes) -> None:
    assert mean_apart(pictures[:AGAIN], pictures[len(TOYS) :]) > 8


def test_the_judge_knows_renders(ask: Ask) -> None:
    toys = TOYS * 4
    found = shares(ask(renders(toys, HELD_OUT + 500)), toys)
    assert found["kind"] >= 0.9
    assert found["colour"] >= 0.9


def test_the_autoencoder_keeps_toys(shipped: Starter) -> None:
    assert object_psnr(shipped.pipeline.vae, renders(TOYS, HELD_OUT + 600)) > 28


@torch.no_grad()
def test_meshes_fill_the_toys_volume(starter: Path, shipped: Starter) -> None:
    network = TSR.from_pretrained(starter / "meshes")
    if network.config.radius != RADIUS:
        pytest.skip("other meshes ship, not of framed toys: `python -m training.make_starter --only meshes`")
    views = [make_view(HELD_OUT + 1000 + n, toy) for n, toy in enumerate(TOYS)]
    found = render_figures(network, views, lambda text: None)
    assert found["iou"] >= 0.6
    assert found["surface_colour"] <= 0.15
    assert coded_iou(network, lambda some: coded(shipped.pipeline.vae, some), views[:2]) >= 0.6


def test_four_steps_are_enough_for_the_fast_edition(shipped: Starter, ask: Ask) -> None:
    paint = fast_brush(there("fast edition", lambda: shipped.fast))
    found = shares(ask(paint(CAPTIONS, seed=3)), TOYS)
    assert found["kind"] >= 0.6
    assert found["colour"] >= 0.8


def test_sharp_previews_are_nearer_to_the_picture_than_plain_ones(shipped: Starter) -> None:
    tiny: Any = there("sharp previews", lambda: shipped.tiny)
    pipeline = shipped.pipeline
    found = preview_figures(pipeline.vae, TinyDecoder(tiny).draw, colours_of(pipeline).draw, 4)
    assert found["tiny_error"] <= 0.7


def test_toys_are_cut_out_of_backgrounds(shipped: Starter) -> None:
    remove = there("background remover", lambda: shipped.remove)
    assert background_figures(remove, 8)["mask_iou"] >= 0.85


def test_pictures_follow_sketches(shipped: Starter) -> None:
    follow = follower(there("ControlNet", lambda: shipped.held))

    def nothing(pictures: Bytes) -> list[Answer]:
        return [Answer("", "", "", "", "", "")] * len(pictures)

    assert sketch_figures(follow, nothing, TOYS[:4])["sketch_iou"] >= 0.7
