"""The easel with tiny random models: every approach is drawn as diffusers' own pipeline draws it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
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
from pipelines.events import Event, Step
from pipelines.image_to_image import FromPicture
from pipelines.plan import make_plan
from pipelines.requests import TextToImage
from pipelines.streaming import stream

PICTURE = Image.linear_gradient("L").resize((64, 64)).convert("RGB")


class CertainEncoder:
    """An autoencoder that encodes to the middle, as ours is used, without drawing a random number."""

    def __init__(self, vae: Any) -> None:
        self.config, self.dtype, self.decode, self._vae = vae.config, vae.dtype, vae.decode, vae

    def encode(self, pixels: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(latents=self._vae.encode(pixels).latent_dist.mode())


def drawn(
    store: ModelStore, folder: Path, approach: Approach, **fields: Any
) -> tuple[list[Path], list[Event]]:
    """What the easel draws, with what it tells."""
    request = TextToImage(prompt="a red mushroom", seed=11, width=64, height=64, **fields)
    plan = make_plan(store.card(request.model), request, request.num_images, strength=0.5)
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
    parts = pipeline.components
    scheduler = kind.from_config(shipped.config, rescale_betas_zero_snr=False)
    own: Any = StableDiffusionImg2ImgPipeline(
        **parts | {"vae": CertainEncoder(pipeline.vae), "scheduler": scheduler}, requires_safety_checker=False
    )
    generator = torch.Generator("cpu").manual_seed(11)
    bare = own("a red mushroom", PICTURE, 0.5, 8, guidance_scale=3.0, generator=generator).images[0]
    try:
        pipeline.scheduler = scheduler
        approach = Approach(FromPicture(PICTURE).begin)
        (path,), events = drawn(store, tmp_path, approach, steps=8, guidance_scale=3.0)
    finally:
        pipeline.scheduler = shipped
    assert Image.open(path).tobytes() == bare.tobytes()
    steps = [event for event in events if isinstance(event, Step) and event.stage == "drawing"]
    assert [(step.step, step.total) for step in steps] == [(index, 4) for index in (1, 2, 3, 4)]


def test_the_last_preview_of_a_picture_drawn_anew_is_the_picture(store: ModelStore, tmp_path: Path) -> None:
    approach = Approach(FromPicture(PICTURE).begin)
    _, events = drawn(store, tmp_path, approach, steps=8, capture_steps=[1, 4])
    first, last, final = (
        np.asarray(Image.open(tmp_path / name), dtype=int)
        for name in ("step-01-0.png", "step-04-0.png", "image-0.png")
    )
    assert (last == final).all()
    assert np.abs(first - final).mean() < 20  # what a step is heading for, not the noise it is in
