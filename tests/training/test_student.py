"""The painter's fast edition."""

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import LCMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn

from tests.miniature import make_pictures
from training.description import Description
from training.pictures import Lesson, new_scheduler, new_unet
from training.student import (
    FEW,
    clean_of,
    drawn_places,
    loss_at,
    new_fast_scheduler,
    new_student,
    save_student,
    times_of,
    train_student,
)
from training.trajectories import CHAIN, Teacher, make_teacher, make_trajectories

ALPHAS = torch.as_tensor(new_scheduler().alphas_cumprod)
FOUR = [999, 749, 499, 249]


class SameToy(nn.Module):
    """A UNet that sees one and the same clean picture, all of 0.5, in any noise."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.zeros(()))
        self.conv_out = nn.Conv2d(1, 1, 1)

    def forward(self, x: Tensor, times: Tensor, text: Tensor) -> SimpleNamespace:
        kept = ALPHAS[times].view(-1, 1, 1, 1)
        return SimpleNamespace(sample=(kept.sqrt() * x - 0.5) / (1 - kept).sqrt() + self.place)


@pytest.fixture(autouse=True)
def few_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.trajectories.TOGETHER", 4)


@pytest.fixture
def pipeline(tmp_path: Path) -> StableDiffusionPipeline:
    return StableDiffusionPipeline.from_pretrained(make_pictures(tmp_path / "pictures"), dtype=torch.float32)


def some_lesson(pipeline: StableDiffusionPipeline) -> Lesson:
    toys = [Description("mug", "red"), Description("cat", "blue", "red")]
    return Lesson(torch.randn(2, 8, 4, 4).half(), toys, pipeline.tokenizer, ALPHAS)


def same_toy(pipeline: StableDiffusionPipeline) -> Teacher:
    unet: Any = SameToy()
    taught = make_teacher(pipeline)
    return Teacher(unet, taught.text_encoder, taught.empty)


def test_four_steps_are_four_of_those_that_it_learns() -> None:
    scheduler = new_fast_scheduler()
    scheduler.set_timesteps(CHAIN)
    assert scheduler.timesteps.tolist() == times_of(torch.arange(CHAIN)).tolist()
    scheduler.set_timesteps(FEW)
    assert scheduler.timesteps.tolist() == FOUR
    assert torch.equal(scheduler.alphas_cumprod, ALPHAS)


@pytest.mark.parametrize("time", FOUR)
def test_its_picture_is_what_diffusers_makes_of_the_velocity(time: int) -> None:
    torch.manual_seed(time)
    x, velocity = torch.randn(2, 3, 8, 4, 4)
    scheduler = new_fast_scheduler()
    scheduler.set_timesteps(FEW)
    theirs = scheduler.step(velocity, time, x).denoised
    assert torch.allclose(clean_of(x, velocity, ALPHAS[time]), theirs, atol=1e-5)


def test_all_of_the_way_is_learned_and_the_four_steps_most() -> None:
    torch.manual_seed(0)
    places = torch.cat([drawn_places(16) for _ in range(100)])
    assert set(places.tolist()) == set(range(CHAIN))
    assert 0.7 < torch.isin(times_of(places), torch.tensor(FOUR)).float().mean() < 0.9


def test_the_teacher_paints_from_the_noise_to_the_picture(pipeline: StableDiffusionPipeline) -> None:
    teacher = same_toy(pipeline)
    noise, tokens = (
        torch.randn(2, 8, 4, 4),
        some_lesson(pipeline).tokens(torch.tensor([0, 1]), random.Random(0)),
    )
    noisy, clean = teacher.paint(noise, tokens)
    assert torch.allclose(clean, torch.full_like(clean, 0.5), atol=0.01)
    kept = ALPHAS[times_of(torch.arange(CHAIN))].view(-1, 1, 1, 1)
    assert torch.allclose(noisy[0], kept.sqrt() * 0.5 + (1 - kept).sqrt() * noise[0], atol=0.02)


def test_trajectories_are_kept_until_the_teacher_is_another(
    pipeline: StableDiffusionPipeline, tmp_path: Path
) -> None:
    teacher, lesson, file = make_teacher(pipeline), some_lesson(pipeline), tmp_path / "trajectories.pt"
    made = make_trajectories(teacher, lesson, file, 4)
    assert made.noisy.shape == (4, CHAIN, 8, 4, 4)
    assert not torch.equal(made.clean[0], made.clean[1])
    more = make_trajectories(teacher, lesson, file, 8)
    assert len(more) == 8
    assert torch.equal(more.clean[:4], made.clean)
    written = file.stat().st_mtime_ns
    make_trajectories(teacher, lesson, file, 8)
    assert file.stat().st_mtime_ns == written
    with torch.no_grad():
        pipeline.unet.conv_out.weight *= 2
    other = make_trajectories(make_teacher(pipeline), lesson, file, 4)
    assert not torch.equal(other.clean, made.clean)


def test_who_paints_like_the_teacher_has_nothing_to_learn(
    pipeline: StableDiffusionPipeline, tmp_path: Path
) -> None:
    teacher = same_toy(pipeline)
    made = make_trajectories(teacher, some_lesson(pipeline), tmp_path / "trajectories.pt", 4)
    assert float(loss_at(teacher, teacher.unet, made, ALPHAS, 8).detach()) < 1e-4
    other = same_toy(pipeline)
    other.unet.place.data.fill_(0.3)
    assert float(loss_at(teacher, other.unet, made, ALPHAS, 8).detach()) > 0.01


def test_the_student_is_the_painter_without_its_depths(pipeline: StableDiffusionPipeline) -> None:
    student, known = new_student(pipeline.unet), pipeline.unet.state_dict()
    assert all(torch.equal(value, known[name]) for name, value in student.state_dict().items())
    assert all("mid_block" not in name for name in student.state_dict())
    painter = new_unet()
    left = new_student(painter).num_parameters() / painter.num_parameters()
    assert 0.55 < left < 0.65


def test_training_makes_a_unet_that_paints_in_four_steps_in_its_teachers_pipeline(
    pipeline: StableDiffusionPipeline, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in pipeline.unet.state_dict().items()}
    file = tmp_path / "student.pt"
    student = train_student(pipeline, some_lesson(pipeline), file, steps=2, batch=2, count=4)
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


def test_the_loss_lies_where_the_networks_do(pipeline: StableDiffusionPipeline, tmp_path: Path) -> None:
    file = tmp_path / "trajectories.pt"
    made = make_trajectories(make_teacher(pipeline), some_lesson(pipeline), file, 4)
    pipeline.unet.to("meta")
    loss = loss_at(make_teacher(pipeline), pipeline.unet, made, ALPHAS, 2)
    assert loss.device.type == "meta"
