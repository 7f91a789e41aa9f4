"""The ControlNet's own training."""

import random
from pathlib import Path

import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionPipeline

from tests.miniature import make_pictures
from training.control import make_control, new_control
from training.data import ToySet
from training.description import Description
from training.drawings import SCALES, make_drawings, placed
from training.pictures import new_unet


def some_toys() -> ToySet:
    """Boxes of different sizes on white."""
    pictures = np.full((4, 64, 64, 3), 255, np.uint8)
    for n, picture in enumerate(pictures):
        picture[16 : 40 + 2 * n, 20:44] = (200, 30 * n, 40)
    return ToySet({"picture": [pictures]}, [Description("mug", "red", "blue")] * len(pictures))


def test_an_untrained_control_net_changes_nothing() -> None:
    torch.manual_seed(0)
    unet = new_unet().eval()
    control = new_control(unet, 16).eval()
    latents, text = torch.randn(1, 8, 16, 16), torch.randn(1, 77, 192)
    with torch.no_grad():
        down, middle = control(
            latents, torch.tensor(500), text, torch.rand(1, 3, 256, 256), return_dict=False
        )
        plain = unet(latents, 500, text).sample
        held = unet(
            latents, 500, text, down_block_additional_residuals=down, mid_block_additional_residual=middle
        ).sample
    assert torch.equal(held, plain)


def test_it_begins_with_the_unets_own_weights_and_stays_small() -> None:
    torch.manual_seed(0)
    unet = new_unet()
    control = new_control(unet, 16)
    same = [name for name, value in control.state_dict().items() if name in unet.state_dict()]
    assert any(name.startswith("down_blocks.0.attentions") for name in same)
    assert all(torch.equal(control.state_dict()[name], unet.state_dict()[name]) for name in same)
    assert 2 * sum(value.numel() for value in control.parameters()) < 10e6  # bytes in float16


def test_a_toy_is_placed_whole_and_somewhere_else() -> None:
    toys = some_toys().arrays["picture"][0]
    inked = [(placed(toys[0], random.Random(seed)) < 250).any(-1) for seed in range(40)]
    area = (toys[0] < 250).any(-1).sum()
    shares = [found.sum() / area for found in inked]
    assert 0.9 * SCALES[0] ** 2 < min(shares) < 0.8
    assert max(shares) < 1.2 * SCALES[1] ** 2
    assert len({found.tobytes() for found in inked}) > 10


def test_drawings_are_kept_until_the_toys_or_the_latents_are_others(tmp_path: Path) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(make_pictures(tmp_path / "pictures"))
    file, toys = tmp_path / "drawings.pt", some_toys()
    made = make_drawings(pipeline, toys, file)
    assert made.latents.shape == (4, 8, 4, 4)
    rims, inners = made.take(torch.tensor([0, 2]))
    assert rims.shape == inners.shape == (2, 1, 64, 64)
    assert rims.sum() > 0
    written = file.stat().st_mtime_ns
    make_drawings(pipeline, toys, file)
    assert file.stat().st_mtime_ns == written
    others = ToySet(toys.arrays, [Description("cat", "red", "blue")] * 4)
    make_drawings(pipeline, others, file)
    assert file.stat().st_mtime_ns != written
    with torch.no_grad():
        pipeline.vae.quant_conv.weight *= 2  # as whitening changes nothing else
    again = make_drawings(pipeline, others, file)
    assert not torch.equal(again.latents, made.latents)


def test_training_saves_a_control_net_in_diffusers_format_that_has_learned(tmp_path: Path) -> None:
    make_pictures(tmp_path / "pictures")
    make_control(tmp_path, some_toys(), tmp_path / "work", steps=2)
    saved = ControlNetModel.from_pretrained(tmp_path / "control", torch_dtype=torch.float16)
    assert saved.controlnet_mid_block.weight.abs().max() > 0
    assert saved.config.conditioning_embedding_out_channels == [4, 16, 32, 64, 128]
