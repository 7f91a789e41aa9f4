"""A part of a picture drawn anew: what is not painted keeps its very pixels, with any kind of network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from numpy.typing import NDArray
from PIL import Image

from models.catalogue import find_card
from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.easel import Approach, Easel
from pipelines.events import Artifact, Step
from pipelines.inpaint import PaintOver, soft_edge
from pipelines.pictures import keep_input
from pipelines.plan import make_plan
from pipelines.requests import TextToImage, parse_request
from pipelines.streaming import stream
from pipelines.studio import Studio
from tests.pipelines.test_easel import CertainEncoder

Paint = Callable[..., NDArray[np.uint8]]
NOISE = np.random.default_rng(0).integers(0, 255, (300, 340, 3), dtype=np.uint8)
SIZE = (340, 300)
PICTURE = Image.linear_gradient("L").resize((64, 64)).convert("RGB")


def mask_of(size: tuple[int, int], box: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Image.Image:
    """Black, with a white box."""
    mask = Image.new("L", size)
    mask.paste(255, box)
    return mask


SPOT, BAD = mask_of(SIZE, (0, 0, 9, 9)), "BAD_REQUEST"


@pytest.fixture
def paint(store: ModelStore, data_dir: Path, tmp_path: Path) -> Paint:
    """The pixels that become of the noisy picture; its figures must tell its size."""

    def paint(mask: Image.Image | None, **fields: Any) -> NDArray[np.uint8]:
        image = keep_input(Image.fromarray(NOISE), data_dir)
        known = None if mask is None else keep_input(mask, data_dir)
        request = {"kind": "inpaint", "image": image, "mask": known, "steps": 3, "seed": 1, **fields}
        events = list(Studio(store, data_dir).run(parse_request(request), tmp_path, lambda: False))
        (artifact,) = [event for event in events if isinstance(event, Artifact)]
        found = np.asarray(Image.open(tmp_path / artifact.name))
        assert (artifact.figures["height"], artifact.figures["width"]) == found.shape[:2]
        return found

    return paint


def test_what_is_not_painted_keeps_its_very_pixels_at_the_pictures_own_size(paint: Paint) -> None:
    found = paint(mask_of((340, 300), (100, 50, 200, 150)))
    changed = (found != NOISE).any(axis=2)
    assert found.shape == NOISE.shape
    assert not changed[:50].any() and not changed[150:].any()
    assert not changed[:, :100].any() and not changed[:, 200:].any()
    assert changed[60:140, 110:190].mean() > 0.9


def test_a_grown_picture_holds_the_old_one_unchanged(paint: Paint) -> None:
    found = paint(None, grow_left=20, grow_top=36)
    assert found.shape == (336, 360, 3)
    assert (found[36:, 20:] == NOISE).all()


def test_paint_and_growth_go_together(paint: Paint) -> None:
    found = paint(mask_of((340, 300), (0, 0, 60, 60)), grow_right=60)
    assert found.shape == (300, 400, 3)
    assert (found[:60, 60:340] == NOISE[:60, 60:]).all() and (found[20, 10] != NOISE[20, 10]).any()


def test_the_edge_is_soft_within_the_paint(paint: Paint) -> None:
    painted = np.zeros((40, 40), dtype=np.bool_)
    painted[10:30, 10:] = True
    share = soft_edge(painted, 4)
    assert share[10:15, 20].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert share[20, 39] == 1.0  # the picture's own border is no edge
    assert not share[~painted].any()


def test_a_thin_stroke_still_shows_in_its_middle() -> None:
    painted = np.zeros((40, 40), dtype=np.bool_)
    painted[20:23] = True
    assert soft_edge(painted, 64)[21].min() == 1.0


@pytest.mark.parametrize(
    ("mask", "fields", "code", "words"),
    [
        (mask_of(SIZE), {}, "BAD_IMAGE", "0 white pixels"),
        (None, {}, "BAD_IMAGE", "nothing is painted"),
        (mask_of((300, 340), (0, 0, 9, 9)), {}, "BAD_IMAGE", "it is 300 x 340, the picture 340 x 300"),
        (SPOT, {"strength": 0.0}, BAD, "strength: 0.0 is less than the limit 0.01"),
        (SPOT, {"strength": 1.5}, BAD, "strength: 1.5 is more than the limit 1"),
        (None, {"grow_left": 2000}, BAD, "grow_left: 2000 is more than the limit 1024"),
        (SPOT, {"mask_blur": -1}, BAD, "mask_blur: -1 is less than the limit 0"),
    ],
)
def test_what_cannot_be_painted_is_told_with_its_limit(
    paint: Paint, mask: Image.Image | None, fields: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(MaquetteError, match=words) as caught:
        paint(mask, **fields)
    assert caught.value.code == code


@pytest.fixture(scope="module")
def network(store: ModelStore, data_dir: Path) -> Callable[[int], Any]:
    """A pipeline of four latent channels whose UNet reads as many channels as asked for."""

    def make(channels: int) -> Any:
        torch.manual_seed(0)
        starter: Any = store.image_pipeline("starter")
        vae = AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            norm_num_groups=4,
            sample_size=64,
        )
        assert vae.quant_conv is not None
        with torch.no_grad():  # what it encodes has no spread, so that nothing depends on who samples when
            vae.quant_conv.weight[4:], vae.quant_conv.bias[4:] = 0, -30
        unet = UNet2DConditionModel.from_config(
            dict(starter.unet.config) | {"in_channels": channels, "out_channels": 4, "sample_size": 8}
        )
        scheduler = EulerDiscreteScheduler(beta_schedule="scaled_linear")
        made: Any = StableDiffusionPipeline(
            vae,
            starter.text_encoder,
            starter.tokenizer,
            unet,
            scheduler,
            None,
            None,
            requires_safety_checker=False,
        )
        made.set_progress_bar_config(disable=True)
        made.register_to_config(_name_or_path=str(data_dir))  # as if it were loaded from there
        return made

    return make


@pytest.mark.parametrize("strength", [0.5, 1.0])
@pytest.mark.parametrize("channels", [4, 9])
def test_it_is_drawn_as_diffusers_own_pipeline_does(
    store: ModelStore, network: Callable[[int], Any], tmp_path: Path, channels: int, strength: float
) -> None:
    """Four channels: any model; nine: one that was made for painting over."""
    pipeline, mask = network(channels), mask_of((64, 64), (16, 24, 48, 56))
    own: Any = StableDiffusionInpaintPipeline(
        **pipeline.components | {"vae": CertainEncoder(pipeline.vae)}, requires_safety_checker=False
    )
    bare = own(
        "a red mushroom",
        image=PICTURE,
        mask_image=mask,
        height=64,
        width=64,
        strength=strength,
        num_inference_steps=8,
        guidance_scale=3.0,
        generator=torch.Generator("cpu").manual_seed(11),
    ).images[0]
    request = TextToImage(prompt="a red mushroom", seed=11, width=64, height=64, steps=8, guidance_scale=3.0)
    plan = make_plan(find_card("starter"), request, 1, strength=strength)
    approach = Approach(PaintOver(PICTURE, np.asarray(mask) > 0).begin)
    easel = Easel(pipeline, plan, tmp_path, lambda: None, approach)
    steps = [event for event in stream(store.thread, easel.paint) if isinstance(event, Step)]
    assert len([step for step in steps if step.stage == "drawing"]) == int(8 * strength)
    found = np.asarray(Image.open(tmp_path / "image-0.png"), dtype=int)
    assert np.abs(found - np.asarray(bare, dtype=int)).max() <= 2
