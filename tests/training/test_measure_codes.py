"""What is measured of the autoencoders, cut-outs and sketches."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from tests.miniature import make_background
from training.data import Bytes
from training.description import Description
from training.matting import SIDE
from training.measure_autoencoder import (
    autoencoder_figures,
    coded,
    cropped,
    decibels,
    object_psnr,
    preview_figures,
)
from training.measure_background import background_figures
from training.measure_sketches import overlap, sketch, sketch_figures
from training.measure_starter import Starter
from training.questions import Answer

WRONG = Answer("", "", "", "", "", "")


class Coder:
    """An autoencoder that makes every value of [-1, 1] brighter by a fixed amount."""

    device, dtype, config = torch.device("cpu"), torch.float32, SimpleNamespace(scaling_factor=2.0)

    def __init__(self, error: float) -> None:
        self.error = error

    def encode(self, pictures: Tensor) -> SimpleNamespace:
        return SimpleNamespace(latent_dist=SimpleNamespace(mean=pictures))

    def decode(self, latents: Tensor) -> SimpleNamespace:
        return SimpleNamespace(sample=latents + self.error)


def any_vae(error: float) -> Any:
    return Coder(error)


def test_psnr_is_that_of_a_known_error() -> None:
    assert decibels(255**2 / 1000) == pytest.approx(30)
    grey = np.full((1, 256, 256, 3), 100, np.uint8)
    assert object_psnr(any_vae(0.0), grey) > 100
    assert object_psnr(any_vae(5 / 127.5), grey) == pytest.approx(decibels(5**2))


def test_both_pictures_are_cropped_to_the_same_square() -> None:
    picture = np.full((256, 256, 3), 255, np.uint8)
    picture[20:60, 180:220] = 0
    one, other = cropped(picture, 255 - picture, np.random.default_rng(0))
    assert one.shape == (128, 128, 3)
    assert np.array_equal(other, 255 - one)
    assert (one == 0).all(-1).sum() == 40 * 40


def test_a_worse_autoencoder_has_a_worse_figure() -> None:
    good, bad = (autoencoder_figures(any_vae(error), 1) for error in (0.01, 0.05))
    assert set(good) == {"autoencoder_psnr", "autoencoder_psnr_any"}
    assert all(good[name] > bad[name] + 10 for name in good)


def test_previews_are_compared_by_their_squared_errors() -> None:
    def off(by: int) -> Any:
        def draw(latents: Tensor) -> Image.Image:
            finished = ((latents[0] / 2).permute(1, 2, 0) + 1) * 127.5
            return Image.fromarray((finished.numpy().round() * 0.9 + by).clip(0, 255).astype(np.uint8))

        return draw

    found = preview_figures(any_vae(0.0), off(24), off(20), 2)
    assert found["tiny_error"] < 1
    assert found["tiny_psnr"] > found["linear_psnr"]
    assert preview_figures(any_vae(0.0), off(20), off(24), 2)["tiny_error"] == pytest.approx(
        1 / found["tiny_error"]
    )


def test_pictures_are_coded_in_their_order() -> None:
    pictures = np.stack([np.full((16, 16, 3), n, np.uint8) for n in range(20)])
    assert np.abs(coded(any_vae(0.0), pictures).astype(int) - pictures).max() <= 1


def test_the_remover_runs_through_rembg(tmp_path: Path) -> None:
    make_background(tmp_path / "background" / "matting.onnx", SIDE)
    found = background_figures(Starter(tmp_path).remove, 2)
    assert 0 <= found["mask_iou"] < 0.95


def test_a_mask_of_everything_overlaps_by_the_toys_own_share() -> None:
    def keep(image: Image.Image) -> Image.Image:
        return image.convert("RGBA")

    assert 0.02 < background_figures(keep, 3)["mask_iou"] < 0.9


def test_overlap_of_masks_is_intersection_over_union() -> None:
    one, other = np.zeros((4, 4), np.bool_), np.zeros((4, 4), np.bool_)
    assert overlap(one, other) == 1
    one[:2], other[1:3] = True, True
    assert overlap(one, other) == pytest.approx(1 / 3)


def test_pictures_that_fill_their_outlines_follow_their_sketches() -> None:
    toys = [Description("mushroom", "red"), Description("house", "blue")]
    insides = [sketch(n, toy)[1] for n, toy in enumerate(toys)]
    answers = [replace(WRONG, kind=toy.kind, colour=toy.colour) for toy in toys]

    def follow(drawings: Sequence[Image.Image], asked: Sequence[Description], seed: int) -> Bytes:
        assert len(drawings) == len(asked) == 2
        return np.stack([np.where(inside[..., None], 90, 255).repeat(3, -1) for inside in insides]).astype(
            np.uint8
        )

    assert sketch_figures(follow, lambda pictures: answers, toys) == {"sketch_iou": 1.0, "sketch_colour": 1.0}
    wrong = sketch_figures(follow, lambda pictures: answers[::-1], toys)
    assert wrong == {"sketch_iou": 1.0, "sketch_colour": 0.0}
