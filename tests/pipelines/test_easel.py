"""The easel with tiny random models: every approach is drawn as diffusers' own pipeline draws it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
)
from PIL import Image

from models.store import ModelStore
from pipelines.easel import Approach, Easel
from pipelines.events import Event, Stage, Step
from pipelines.image_to_image import FromPicture
from pipelines.plan import make_plan
from pipelines.requests import TextToImage
from pipelines.streaming import stream

PICTURE = Image.linear_gradient("L").resize((64, 64)).convert("RGB")


def drawn(store: ModelStore, folder: Path, approach: Approach, **fields: Any) -> tuple[list[Path], list[Event]]:
    """What the easel draws, with what it tells."""
    request = TextToImage(prompt="a red mushroom", seed=11, width=64, height=64, **fields)
    plan = make_plan(request, request.num_images)
    easel = Easel(store.image_pipeline("starter"), plan, folder, lambda: None, approach)
    events, work = [], stream(store.thread, easel.paint)
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return end.value, events


@pytest.mark.parametrize("kind", [DDIMScheduler, EulerDiscreteScheduler, DPMSolverMultistepScheduler])
def test_a_picture_is_drawn_anew_as_diffusers_own_pipeline_does(
    store: ModelStore, tmp_path: Path, kind: Any
) -> None:
    pipeline: Any = store.image_pipeline("starter")
    shipped = pipeline.scheduler
    pipeline.scheduler = kind.from_config(shipped.config, rescale_betas_zero_snr=False)
    own = StableDiffusionImg2ImgPipeline(**pipeline.components, requires_safety_checker=False)
    try:
        approach = FromPicture(PICTURE, 0.5)
        (path,), events = drawn(store, tmp_path, Approach(approach.begin), steps=8, guidance_scale=3.0)
        vae = pipeline.vae
        quiet = vae.quant_conv.bias.detach().clone()
        with torch.no_grad():  # no spread: what the reference encodes is the middle, as ours is
            vae.quant_conv.bias[8:] = -60
            vae.quant_conv.weight[8:] = 0
    finally:
        pipeline.scheduler = shipped
