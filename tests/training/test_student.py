"""The painter's fast edition."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import LCMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn

from tests.miniature import make_pictures
from training.description import Description
from training.pictures import Lesson, new_scheduler
from training.student import (
    CHAIN,
    Teacher,
    clean_of,
    drawn_times,
    earlier,
    loss_at,
    make_teacher,
    new_fast_scheduler,
    save_student,
    strengths,
    train_student,
)

ALPHAS = torch.as_tensor(new_scheduler().alphas_cumprod)
FOUR = [999, 749, 499, 249]


class SameToy(nn.Module):
    """A UNet that sees one and the same clean picture, all of 0.5, in any noise."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, times: Tensor, text: Tensor) -> SimpleNamespace:
        signal, noise = strengths(ALPHAS, times)
        return SimpleNamespace(sample=(signal * x - 0.5) / noise + self.place)


@pytest.fixture
def pipeline(tmp_path: Path) -> StableDiffusionPipeline:
    return StableDiffusionPipeline.from_pretrained(make_pictures(tmp_path / "pictures"), dtype=torch.float32)


def some_lesson(tokenizer: Any) -> Lesson:
    toys = [Description("mug", "red"), Description("cat", "blue", "red")]
    return Lesson(torch.randn(2, 8, 4, 4).half(), toys, tokenizer, ALPHAS)


def test_four_steps_are_four_of_those_that_it_learns() -> None:
    scheduler = new_fast_scheduler()
    scheduler.set_timesteps(4)
    assert scheduler.timesteps.tolist() == FOUR
    scheduler.set_timesteps(CHAIN)
    assert set(FOUR) < set(scheduler.timesteps.tolist())
    assert torch.equal(scheduler.alphas_cumprod, ALPHAS)


@pytest.mark.parametrize("time", FOUR)
def test_its_picture_is_what_diffusers_makes_of_the_velocity(time: int) -> None:
    torch.manual_seed(time)
    x, velocity = torch.randn(2, 3, 8, 4, 4)
    scheduler = new_fast_scheduler()
    scheduler.set_timesteps(4)
    theirs = scheduler.step(velocity, time, x).denoised
    found = clean_of(new_fast_scheduler(), ALPHAS, velocity, torch.full((3,), time), x)
    assert torch.allclose(found, theirs, atol=1e-6)


def test_the_teachers_step_is_that_of_ddim() -> None:
    torch.manual_seed(0)
    scheduler = new_scheduler()
    scheduler.set_timesteps(CHAIN)
    for time in scheduler.timesteps.tolist():
        x, velocity = torch.randn(2, 1, 8, 4, 4)
        theirs = scheduler.step(velocity, time, x).prev_sample
        assert torch.allclose(earlier(ALPHAS, velocity, torch.tensor([time]), x), theirs, atol=1e-5)


def test_all_of_the_chain_is_learned_and_the_four_steps_most() -> None:
    torch.manual_seed(0)
    times = torch.cat([drawn_times(16) for _ in range(100)])
    scheduler = new_fast_scheduler()
    scheduler.set_timesteps(CHAIN)
    assert set(times.tolist()) == set(scheduler.timesteps.tolist())
    assert 0.5 < torch.isin(times, torch.tensor(FOUR)).float().mean() < 0.7


def test_who_paints_the_same_picture_from_everywhere_has_nothing_to_learn(
    pipeline: StableDiffusionPipeline,
) -> None:
    same: Any = SameToy()
    taught = make_teacher(pipeline, some_lesson(pipeline.tokenizer))
    teacher = Teacher(same, taught.text_encoder, taught.empty, taught.lesson, taught.scheduler)
    losses = [float(loss_at(teacher, same, step, 8).detach()) for step in range(4)]
    assert max(losses) < 1e-4
    other: Any = SameToy()
    other.place.data.fill_(0.3)
    assert float(loss_at(teacher, other, 0, 8).detach()) > 10 * max(losses) + 1e-3


def test_training_makes_a_unet_that_paints_in_four_steps_in_its_teachers_pipeline(
    pipeline: StableDiffusionPipeline, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in pipeline.unet.state_dict().items()}
    lesson = some_lesson(pipeline.tokenizer)
    student = train_student(pipeline, lesson, tmp_path / "student.pt", steps=2, batch=2)
    assert all(torch.equal(value, before[name]) for name, value in pipeline.unet.state_dict().items())
    assert any(not torch.equal(value, before[name]) for name, value in student.state_dict().items())
    save_student(tmp_path / "fast", student)
    pipeline.unet = UNet2DConditionModel.from_pretrained(tmp_path / "fast" / "unet")
    pipeline.scheduler = LCMScheduler.from_pretrained(tmp_path / "fast" / "scheduler")
    pipeline.set_progress_bar_config(disable=True)
    assert pipeline.unet.dtype == torch.float32
    pictures = pipeline("a red mug", num_inference_steps=4, guidance_scale=1.0, output_type="pt").images
    assert pipeline.scheduler.timesteps.tolist() == FOUR
    assert torch.isfinite(pictures).all()


def test_the_loss_lies_where_the_networks_do(pipeline: StableDiffusionPipeline) -> None:
    pipeline.unet.to("meta")
    teacher = make_teacher(pipeline, some_lesson(pipeline.tokenizer))
    assert loss_at(teacher, pipeline.unet, step=0, batch=2).device.type == "meta"
