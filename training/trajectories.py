"""How the finished painter gets from noise to pictures: what its fast edition learns from."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn
from tqdm import tqdm

from training import states
from training.pictures import Lesson, new_scheduler, token_ids
from training.place import autocast, batch_for, moved, place_of

CHAIN = 8  # timesteps on the way: 999, 874, ... 124
GUIDANCE = 3.0
TOGETHER = 24  # pictures painted at a time on a CPU
SAVE_EVERY = 10  # batches


@dataclass(frozen=True)
class Trajectories:
    """Latents on the way [N, 8, 8, 16, 16], of the pictures [N, 8, 16, 16], and token ids [N, 77]."""

    noisy: Tensor
    clean: Tensor
    tokens: Tensor

    def __len__(self) -> int:
        return len(self.clean)


@dataclass(frozen=True)
class Teacher:
    """A finished painter, which learns nothing any more."""

    unet: UNet2DConditionModel
    text_encoder: nn.Module
    empty: Tensor  # [1, 77], token ids of no words

    @torch.no_grad()
    def text(self, tokens: Tensor) -> Tensor:
        """Token ids [B, 77] to what the UNet attends to [B, 77, W]."""
        return cast(Tensor, self.text_encoder(tokens).last_hidden_state)

    @torch.no_grad()
    def paint(self, noise: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """From noise [B, C, h, w] to the latents on the way [B, 8, C, h, w] and those of the pictures.

        DPM-Solver++ of second order (Lu et al. 2022), whose 8 steps come as far as 20 of DDIM.
        """
        text = torch.cat([self.text(self.empty).expand(len(tokens), -1, -1), self.text(tokens)])
        scheduler = DPMSolverMultistepScheduler.from_config(new_scheduler().config, solver_order=2)
        scheduler.set_timesteps(CHAIN, device=noise.device)
        x, way = noise, []
        for time in scheduler.timesteps:
            way.append(x)
            with autocast(noise.device):
                without, held = self.unet(x.repeat(2, 1, 1, 1), time, text).sample.float().chunk(2)
            x = scheduler.step(without + GUIDANCE * (held - without), time, x).prev_sample
        return torch.stack(way, 1), x


def make_teacher(pipeline: StableDiffusionPipeline) -> Teacher:
    """A finished pipeline on the device of its UNet, frozen."""
    place = place_of(pipeline.unet)
    for network in (pipeline.unet, pipeline.text_encoder):
        network.to(place).eval().requires_grad_(False)
    return Teacher(pipeline.unet, pipeline.text_encoder, token_ids(pipeline.tokenizer, [""]).to(place))


def make_trajectories(teacher: Teacher, lesson: Lesson, file: Path, count: int) -> Trajectories:
    """So many trajectories or a few more, for captions of the lesson, kept until the teacher is another."""
    source = states.digest_of(teacher.unet.conv_out.weight)
    found = restore(file, source)
    batch = batch_for(place_of(teacher.unet), TOGETHER)
    first = sum(len(part) for part in found)
    for start in tqdm(range(first, count, batch), desc="trajectories", unit="batch"):
        found.append(some(teacher, lesson, seed=start, count=batch))
        if len(found) % SAVE_EVERY == 0 or start + batch >= count:
            found = [joined(found)]
            states.keep(file, vars(found[0]) | {"source": source})
    return joined(found)


def some(teacher: Teacher, lesson: Lesson, seed: int, count: int) -> Trajectories:
    """Trajectories of fresh captions and noise, drawn from the seed alone."""
    generator = torch.Generator().manual_seed(seed)
    indices = torch.randint(0, len(lesson.latents), (count,), generator=generator)
    noise = torch.randn(count, *lesson.latents.shape[1:], generator=generator)
    tokens = lesson.tokens(indices, random.Random(seed))
    noisy, clean = teacher.paint(*moved(place_of(teacher.unet), noise, tokens))
    return Trajectories(noisy.half().cpu(), clean.half().cpu(), tokens)


def joined(parts: list[Trajectories]) -> Trajectories:
    return Trajectories(
        torch.cat([part.noisy for part in parts]),
        torch.cat([part.clean for part in parts]),
        torch.cat([part.tokens for part in parts]),
    )


def restore(file: Path, source: str) -> list[Trajectories]:
    """What is kept of this teacher's."""
    if not file.exists():
        return []
    kept = states.kept(file)
    return [Trajectories(**kept)] if kept.pop("source") == source else []
