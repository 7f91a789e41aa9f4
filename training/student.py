"""The painter's fast edition: a UNet that paints in four steps, by latent consistency distillation.

Luo et al. 2023 (arXiv:2310.04378) with one strength of guidance built in; the target is the student itself,
not its moving average (Song and Dhariwal 2023, arXiv:2310.14189). Throughout, x is noisy latents
[B, 8, 16, 16] and times are timesteps [B].
"""

import random
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from diffusers import LCMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn

from training.loop import Plan, train
from training.pictures import Lesson, digest_of, new_scheduler
from training.place import autocast, batch_for, device, moved, place_of

CHAIN = 20  # timesteps that it learns: 999, 949, ... 49
FEW = 4  # of them, evenly spread, it paints with
OFTEN = 0.5  # share of the examples that these four get on top of their turn
GUIDANCE = 3.0
HUBER = 0.03  # deviation of latents below which an error counts squared


def new_fast_scheduler() -> LCMScheduler:
    """The painter's noise schedule, of which four steps are 999, 749, 499 and 249."""
    return LCMScheduler.from_config(new_scheduler().config, original_inference_steps=CHAIN)


@dataclass(frozen=True)
class Teacher:
    """The finished painter, which only looks on."""

    unet: UNet2DConditionModel
    text_encoder: nn.Module
    empty: Tensor  # [1, 77], token ids of no words
    lesson: Lesson
    scheduler: LCMScheduler

    @torch.no_grad()
    def text(self, tokens: Tensor) -> Tensor:
        """Token ids [B, 77] to what the UNets attend to [B, 77, W]."""
        return cast(Tensor, self.text_encoder(tokens).last_hidden_state)

    @torch.no_grad()
    def velocity(self, x: Tensor, times: Tensor, text: Tensor) -> Tensor:
        """Guided by the captions and away from no caption (Ho and Salimans 2022)."""
        empty = self.text(self.empty).expand_as(text)
        both = self.unet(x.repeat(2, 1, 1, 1), times.repeat(2), torch.cat([empty, text])).sample.float()
        without, held = both.chunk(2)
        return cast(Tensor, without + GUIDANCE * (held - without))


def strengths(alphas: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """Signal and noise [B, 1, 1, 1] at timesteps; before the first there is signal alone."""
    kept = torch.where(times < 0, 1.0, alphas[times.clamp(min=0)]).view(-1, 1, 1, 1)
    return kept.sqrt(), (1 - kept).sqrt()


def clean_of(scheduler: LCMScheduler, alphas: Tensor, velocity: Tensor, times: Tensor, x: Tensor) -> Tensor:
    """The consistency function f(x, t), as LCMScheduler takes it from a UNet's answer."""
    signal, noise = strengths(alphas, times)
    skip, out = scheduler.get_scalings_for_boundary_condition_discrete(times.float())
    return cast(Tensor, out.view(-1, 1, 1, 1) * (signal * x - noise * velocity) + skip.view(-1, 1, 1, 1) * x)


def earlier(alphas: Tensor, velocity: Tensor, times: Tensor, x: Tensor) -> Tensor:
    """x one step of the chain nearer to the picture, by DDIM (Song et al. 2021)."""
    signal, noise = strengths(alphas, times)
    nearer, quieter = strengths(alphas, times - 1000 // CHAIN)
    return nearer * (signal * x - noise * velocity) + quieter * (signal * velocity + noise * x)


def drawn_times(batch: int) -> Tensor:
    """Timesteps of the chain [batch]: spread evenly over it, and the few of painting more often."""
    spread = ((torch.arange(batch) + torch.rand(batch)) / batch * CHAIN).long().clamp(max=CHAIN - 1) + 1
    few = torch.randint(1, FEW + 1, (batch,)) * (CHAIN // FEW)
    return torch.where(torch.rand(batch) < OFTEN, few, spread) * (1000 // CHAIN) - 1


def loss_at(teacher: Teacher, student: UNet2DConditionModel, step: int, batch: int) -> Tensor:
    """How far the student's pictures from two neighbouring points of the teacher's path lie apart."""
    lesson, rng, place = teacher.lesson, random.Random(step), place_of(student)
    indices, times = torch.randint(0, len(lesson.latents), (batch,)), drawn_times(batch)
    tokens, latents = lesson.tokens(indices, rng), lesson.latents[indices].float()
    tokens, clean, times, alphas = moved(place, tokens, latents, times, lesson.alphas)
    signal, noise = strengths(alphas, times)
    x = signal * clean + noise * torch.randn_like(clean)
    with autocast(place):
        text = teacher.text(tokens)
        found = clean_of(teacher.scheduler, alphas, student(x, times, text).sample.float(), times, x)
        with torch.no_grad():
            x = earlier(alphas, teacher.velocity(x, times, text), times, x)
            times = times - 1000 // CHAIN
            velocity = student(x, times.clamp(min=0), text).sample.float()
            sooner = clean_of(teacher.scheduler, alphas, velocity, times.clamp(min=0), x)
            target = torch.where(times.view(-1, 1, 1, 1) < 0, x, sooner)
    return ((found - target).pow(2).mean((1, 2, 3)) + HUBER**2).sqrt().mean() - HUBER


def train_student(
    pipeline: StableDiffusionPipeline, lesson: Lesson, file: Path, steps: int, batch: int = 16
) -> UNet2DConditionModel:
    """Distil a finished pipeline on its own lesson, and return the student's moving average."""
    torch.manual_seed(0)
    student = deepcopy(pipeline.unet)
    for unet in (student, pipeline.unet):
        unet.set_attn_processor(AttnProcessor())  # its backward pass is twice as fast on a CPU
        unet.to(device(), memory_format=torch.channels_last)
    teacher = make_teacher(pipeline, lesson)
    batch = batch_for(place_of(student), batch)
    plan = Plan(steps, rate=2e-4, ema=0.995)

    def loss(step: int) -> Tensor:
        return loss_at(teacher, student, step, batch)

    found = train("student", file, student, plan, loss, digest_of(lesson.latents))
    return cast(UNet2DConditionModel, found)


def make_teacher(pipeline: StableDiffusionPipeline, lesson: Lesson) -> Teacher:
    """A finished pipeline on the device of its UNet, frozen."""
    place = place_of(pipeline.unet)
    empty = lesson.tokenizer("", padding="max_length", truncation=True, return_tensors="pt").input_ids
    return Teacher(
        pipeline.unet.eval().requires_grad_(False),
        pipeline.text_encoder.to(place).eval().requires_grad_(False),
        empty.to(place),
        lesson,
        new_fast_scheduler(),
    )


def save_student(folder: Path, unet: UNet2DConditionModel) -> None:
    """UNet in float16 and scheduler, which take the place of the painter's in its pipeline."""
    unet.set_default_attn_processor()
    unet.to("cpu", torch.float16, memory_format=torch.contiguous_format).save_pretrained(folder / "unet")
    new_fast_scheduler().save_pretrained(folder / "scheduler")
