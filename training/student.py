"""The painter's fast edition: a smaller UNet that paints in four steps of latent consistency models.

It learns what the guided painter makes of the latents on its way (knowledge distillation, Luhman and Luhman
2021, arXiv:2101.02388, from all of the way), not to agree with itself from step to step as Luo et al. 2023
(arXiv:2310.04378) do: a target that stands still bears the rates that a few thousand steps need.
"""

from pathlib import Path
from typing import cast

import torch
from diffusers import LCMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from training.loop import Plan, train
from training.pictures import Lesson, new_scheduler
from training.place import autocast, batch_for, device, moved, place_of
from training.states import digest_of
from training.trajectories import CHAIN, Teacher, Trajectories, make_teacher, make_trajectories

FEW = 4  # steps that it paints with: every second of the chain
OFTEN = 0.6  # share of the examples that these get on top of their turn
HUBER = 0.1  # deviation of latents, of 1, below which an error counts squared
TRAJECTORIES = 4000


def new_fast_scheduler() -> LCMScheduler:
    """The painter's noise schedule; four steps of it are 999, 749, 499 and 249."""
    return LCMScheduler.from_config(new_scheduler().config, original_inference_steps=CHAIN)


def new_student(teacher: UNet2DConditionModel) -> UNet2DConditionModel:
    """The painter without its middle and without attention at its deepest level (Kim et al. 2023, BK-SDM).

    These look at 4 x 4 places, and are two fifths of the weights. The others begin as the painter's.
    """
    settings = {name: value for name, value in teacher.config.items() if not name.startswith("_")}
    levels = {
        "down_block_types": (*settings["down_block_types"][:-1], "DownBlock2D"),
        "mid_block_type": None,
        "up_block_types": ("UpBlock2D", *settings["up_block_types"][1:]),
    }
    student = UNet2DConditionModel(**{**settings, **levels})
    known = teacher.state_dict()
    student.load_state_dict({name: known[name] for name in student.state_dict()})
    return student


def train_student(
    pipeline: StableDiffusionPipeline,
    lesson: Lesson,
    file: Path,
    steps: int,
    batch: int = 16,
    count: int = TRAJECTORIES,
) -> UNet2DConditionModel:
    """Distil a finished pipeline, and return the student's moving average; trajectories lie beside `file`."""
    torch.manual_seed(0)
    student = new_student(pipeline.unet)
    for unet in (student, pipeline.unet):
        unet.set_attn_processor(AttnProcessor())  # its backward pass is twice as fast on a CPU
        unet.to(device(), memory_format=torch.channels_last)
    teacher = make_teacher(pipeline)
    made = make_trajectories(teacher, lesson, file.with_name("trajectories.pt"), count)
    batch = batch_for(place_of(student), batch)
    plan = Plan(steps, rate=3e-4, ema=0.998)

    def loss(step: int) -> Tensor:
        return loss_at(teacher, student, made, lesson.alphas, batch)

    source = digest_of(pipeline.unet.conv_out.weight)
    return cast(UNet2DConditionModel, train("student", file, student, plan, loss, source))


def loss_at(
    teacher: Teacher, student: UNet2DConditionModel, made: Trajectories, alphas: Tensor, batch: int
) -> Tensor:
    """Pseudo-Huber error of the latents of the picture, seen from some place on the way to it."""
    rows, places = torch.randint(0, len(made), (batch,)), drawn_places(batch)
    times = times_of(places)
    x, clean, tokens, times, alphas = moved(
        place_of(student),
        made.noisy[rows, places].float(),
        made.clean[rows].float(),
        made.tokens[rows],
        times,
        alphas[times].view(-1, 1, 1, 1),
    )
    with autocast(x.device):
        velocity = student(x, times, teacher.text(tokens)).sample.float()
    error = (clean_of(x, velocity, alphas) - clean).pow(2).mean((1, 2, 3))
    return (error + HUBER**2).sqrt().mean() - HUBER


def clean_of(x: Tensor, velocity: Tensor, alphas: Tensor) -> Tensor:
    """The picture's latents that x [B, C, h, w] and a velocity amount to, at signal powers [B, 1, 1, 1].

    LCMScheduler mixes in a share of x that is below a millionth at these timesteps.
    """
    return alphas.sqrt() * x - (1 - alphas).sqrt() * velocity


def drawn_places(batch: int) -> Tensor:
    """Places on the way [batch], 0 to 7: spread evenly over it, and those of the few steps more often."""
    spread = ((torch.arange(batch) + torch.rand(batch)) / batch * CHAIN).long().clamp(max=CHAIN - 1)
    few = torch.randint(0, FEW, (batch,)) * (CHAIN // FEW)
    return torch.where(torch.rand(batch) < OFTEN, few, spread)


def times_of(places: Tensor) -> Tensor:
    """Timesteps of places on the way, as "trailing" spaces them."""
    return 999 - places * (1000 // CHAIN)


def save_student(folder: Path, unet: UNet2DConditionModel) -> None:
    """UNet in float16 and scheduler, which take the place of the painter's in its pipeline."""
    unet.set_default_attn_processor()
    unet.to("cpu", torch.float16, memory_format=torch.contiguous_format).save_pretrained(folder / "unet")
    new_fast_scheduler().save_pretrained(folder / "scheduler")
