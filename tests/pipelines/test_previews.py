from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler
from torch import Tensor

from pipelines.previews import LatentColours, colours_of, predicted_clean

IDENTITY = LatentColours(torch.eye(3), torch.zeros(3))


def vae_of(channels: int) -> Any:
    return SimpleNamespace(config=SimpleNamespace(latent_channels=channels))


def test_a_preview_has_the_linear_colours_and_a_longest_side_of_512() -> None:
    latents = torch.zeros(1, 3, 8, 16)
    latents[0, 0] = 1.0
    latents[0, 1] = -3.0
    image = IDENTITY.draw(latents)
    assert image.size == (512, 256)
    assert image.getpixel((100, 100)) == (255, 0, 128)


def test_several_pictures_are_tiled_in_order() -> None:
    latents = torch.full((3, 3, 4, 4), -1.0)
    latents[1] = 1.0
    pixels = np.asarray(IDENTITY.draw(latents))
    assert pixels.shape == (512, 512, 3)
    assert [int(pixels[y, x, 0]) for y, x in ((100, 100), (100, 400), (400, 100), (400, 400))] == [
        0,
        255,
        0,
        127,
    ]


def test_latents_that_are_no_numbers_make_no_crash() -> None:
    assert IDENTITY.draw(torch.full((1, 3, 4, 4), float("nan"))).getpixel((9, 9)) == (128, 128, 128)


def test_the_starters_own_factors_are_read(starter_dir: Path) -> None:
    pipeline = SimpleNamespace(name_or_path=str(starter_dir / "pictures"), vae=vae_of(8))
    assert colours_of(pipeline).factors.shape == (8, 3)
    assert colours_of(pipeline).bias.tolist() == pytest.approx([0.1, 0.0, -0.1])


def test_an_autoencoder_that_nobody_fitted_still_gives_a_preview(tmp_path: Path) -> None:
    pipeline = SimpleNamespace(name_or_path=str(tmp_path), vae=vae_of(16))
    assert colours_of(pipeline).draw(torch.zeros(1, 16, 4, 4)).size == (512, 512)


@pytest.mark.parametrize(
    "scheduler",
    [
        DDIMScheduler(prediction_type="epsilon", clip_sample=False, beta_schedule="scaled_linear"),
        DDIMScheduler(
            prediction_type="epsilon",
            clip_sample=False,
            timestep_spacing="trailing",
            beta_schedule="scaled_linear",
        ),
        EulerDiscreteScheduler(prediction_type="epsilon", beta_schedule="scaled_linear"),
        DPMSolverMultistepScheduler(beta_schedule="scaled_linear", algorithm_type="dpmsolver++"),
    ],
    ids=["DDIM", "DDIM trailing", "Euler", "DPM++ 2M"],
)
def test_the_clean_latents_of_every_step_are_found(scheduler: Any) -> None:
    """A model that always predicts the same clean latents must be caught doing so at every step."""
    torch.manual_seed(0)
    clean = torch.randn(1, 4, 4, 4)
    scheduler.set_timesteps(7)
    latents = torch.randn(1, 4, 4, 4) * scheduler.init_noise_sigma
    for index, time in enumerate(scheduler.timesteps):
        noise = noise_towards(scheduler, index, int(time), latents, clean)
        after = scheduler.step(noise, time, latents).prev_sample
        found = predicted_clean(scheduler, index, latents, after)
        assert torch.allclose(found, clean, atol=2e-3)
        latents = after


def noise_towards(scheduler: Any, index: int, time: int, latents: Tensor, clean: Tensor) -> Tensor:
    """The noise that a model predicts when it believes in these clean latents."""
    if isinstance(scheduler, EulerDiscreteScheduler):
        scheduler.scale_model_input(latents, scheduler.timesteps[index])
        signal, spread = torch.tensor(1.0), scheduler.sigmas[index]
    elif isinstance(scheduler, DPMSolverMultistepScheduler):
        sigma = scheduler.sigmas[index]
        signal = 1 / (sigma**2 + 1).sqrt()
        spread = sigma * signal
    else:
        kept = scheduler.alphas_cumprod[time]
        signal, spread = kept.sqrt(), (1 - kept).sqrt()
    noise: Tensor = (latents - signal * clean) / spread
    return noise


def test_samplers_that_add_noise_show_the_latents_as_they_are() -> None:
    from diffusers import EulerAncestralDiscreteScheduler

    after = torch.ones(1, 4, 2, 2)
    assert predicted_clean(EulerAncestralDiscreteScheduler(), 0, after * 2, after) is after
