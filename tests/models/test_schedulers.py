from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, PNDMScheduler

from models.errors import MaquetteError
from models.schedulers import SCHEDULERS, SchedulerName, make_scheduler, refuse_steps

SD15 = PNDMScheduler(
    beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, skip_prk_steps=True
)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_keeps_the_models_noise_schedule(name: SchedulerName) -> None:
    made = make_scheduler(name, SD15, [1])
    assert torch.allclose(made.alphas_cumprod, SD15.alphas_cumprod, rtol=1e-5)
    assert made.config.prediction_type == "epsilon"
    assert made.config.steps_offset == 1


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_schedule_that_ends_in_noise_alone_gives_finite_steps(name: SchedulerName) -> None:
    own: Any = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
    )
    made = make_scheduler(name, own, [1])
    assert torch.allclose(made.alphas_cumprod[:-1], own.alphas_cumprod[:-1], rtol=1e-3)
    assert float(made.alphas_cumprod[-1]) < 1e-6
    made.set_timesteps(5)
    assert bool(torch.isfinite(torch.as_tensor(made.init_noise_sigma)))


def test_no_name_gives_another_of_the_models_own_kind() -> None:
    made = make_scheduler(None, SD15)
    assert type(made) is PNDMScheduler and made is not SD15
    assert made.config == SD15.config


def test_more_steps_than_lcm_can_take_are_refused_with_the_limit() -> None:
    lcm = make_scheduler("LCM", SD15)
    refuse_steps(lcm, 50)
    with pytest.raises(MaquetteError, match="steps: 51 is more than 50") as caught:
        refuse_steps(lcm, 51)
    assert caught.value.code == "BAD_REQUEST"
    refuse_steps(SD15, 150)
