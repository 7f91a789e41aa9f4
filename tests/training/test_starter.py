"""What ships is what it promises to be, on a handful; `python -m training.evaluate` measures all of it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.data import HELD_OUT, Bytes, make_view
from training.evaluate import generate, judged, mesh_figures
from training.export import load_judge
from tsr import TSR

PAIRS = [("mushroom", "red"), ("car", "blue"), ("robot", "green"), ("teapot", "yellow"), ("chair", "purple")]


@pytest.fixture(scope="module")
def pictures(starter: Path) -> Bytes:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(starter / "pictures")
    pipeline.set_progress_bar_config(disable=True)
    return np.concatenate([generate(pipeline, PAIRS, seed) for seed in (1, 2)])


def test_the_weights_stay_small(starter: Path) -> None:
    total = sum(path.stat().st_size for path in starter.rglob("*") if path.is_file())
    assert total < 90e6  # every clone carries them


def test_unmodified_diffusers_draws_what_is_asked(pictures: Bytes) -> None:
    shares, _ = judged(load_judge(), pictures, PAIRS * 2)
    assert shares["kind"] >= 0.7
    assert shares["colour"] >= 0.8


def test_two_seeds_give_two_pictures(pictures: Bytes) -> None:
    first, second = pictures[: len(PAIRS)].astype(float), pictures[len(PAIRS) :].astype(float)
    inked = (first.min(-1) < 240) | (second.min(-1) < 240)
    assert np.abs(first - second).mean(-1)[inked].mean() > 8


def test_the_judge_knows_renders(starter: Path) -> None:
    views = [make_view(HELD_OUT + 500 + n, *pair).picture for n, pair in enumerate(PAIRS * 4)]
    shares, _ = judged(load_judge(), np.stack(views), PAIRS * 4)
    assert shares["kind"] >= 0.9
    assert shares["colour"] >= 0.9


def test_meshes_fill_the_toys_volume(starter: Path) -> None:
    with torch.no_grad():
        figures = mesh_figures(TSR.from_pretrained(starter / "meshes"), count=20)
    assert figures["iou"] >= 0.6
    assert figures["surface_colour"] <= 0.15
