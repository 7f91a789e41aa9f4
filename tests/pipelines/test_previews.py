import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import PNDMScheduler
from torch import Tensor

from models.schedulers import SCHEDULERS, SchedulerName, make_scheduler
from pipelines.previews import CleanLatents, LatentColours, colours_of

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


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("name", [None, *SCHEDULERS])
def test_the_clean_latents_of_every_look_are_found(name: SchedulerName | None, prediction: str) -> None:
    """A network that always believes in the same clean latents must be caught doing so at every look."""
    torch.manual_seed(0)
    clean = torch.randn(2, 4, 4, 4)
    own = PNDMScheduler(beta_schedule="scaled_linear", skip_prk_steps=True, prediction_type=prediction)
    scheduler = make_scheduler(name, own, [1, 2])
    listener = CleanLatents(scheduler)
    scheduler.set_timesteps(7)
    latents = torch.randn(2, 4, 4, 4) * scheduler.init_noise_sigma
    for time in scheduler.timesteps:
        answer = answer_for(scheduler, time, latents, clean)
        latents = scheduler.step(answer, time, latents, return_dict=False)[0]
        assert torch.allclose(
            listener.newest(latents, last=False), clean, atol=1e-2
        )  # Karras times are rounded


def answer_for(scheduler: Any, time: Any, latents: Tensor, clean: Tensor) -> Tensor:
    """What a network that believes in these clean latents answers at a time, whole or between two."""
    kept = kept_at(scheduler, float(time))
    seen = scheduler.scale_model_input(latents, time)
    noise = (seen - math.sqrt(kept) * clean) / math.sqrt(1 - kept)
    if scheduler.config.prediction_type == "epsilon":
        return torch.as_tensor(noise)
    return torch.as_tensor(math.sqrt(kept) * noise - math.sqrt(1 - kept) * clean)


def kept_at(scheduler: Any, time: float) -> float:
    """The share of the signal at a time; between whole ones the logarithm of the noise is linear."""
    kept = scheduler.alphas_cumprod.double().numpy()
    level = np.log((1 - kept) / kept) / 2
    return float(1 / (np.exp(2 * np.interp(time, np.arange(len(kept)), level)) + 1))


def test_the_last_preview_is_the_result() -> None:
    after = torch.ones(1, 4, 2, 2)
    assert CleanLatents(PNDMScheduler()).newest(after, last=True) is after
