"""A training loop that can be stopped at any step and continued: its whole state is one file."""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from training import states
from training.states import UNREADABLE, DamagedState


@dataclass(frozen=True)
class Plan:
    """How long and how fast a stage trains; the rate warms up, then falls as a cosine to a twentieth."""

    steps: int
    rate: float
    warm_up: int = 100
    ema: float = 0.999
    weight_decay: float = 0.01
    save_every: float = 90.0  # seconds

    def rate_at(self, step: int) -> float:
        """The learning rate of a step counted from 0."""
        rising = min(1.0, (step + 1) / self.warm_up)
        falling = 0.525 + 0.475 * float(torch.cos(torch.tensor(torch.pi * min(step / self.steps, 1.0))))
        return self.rate * rising * falling


def train(
    name: str, file: Path, model: nn.Module, plan: Plan, loss_of: Callable[[int], Tensor], source: str = ""
) -> nn.Module:
    """Train until the plan's last step and return the moving average of the weights.

    `source` tells what is learned from, by a digest: a state that learned from something else is refused.

    `loss_of(step)` must draw its batch and its noise from the step's number alone, so that a continued run
    sees what an unbroken one would have seen.

    Raises: DamagedState where the state file is there but cannot be read, or learned from something else.
    """
    average = deepcopy(model).eval().requires_grad_(False)
    groups = [p for p in model.parameters() if p.requires_grad]  # what is frozen stays as it is
    decay = plan.weight_decay
    optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.99), weight_decay=decay, fused=True)
    first = restore(file, model, average, optimizer, source)
    saved = time.monotonic()
    smooth = 0.0
    with tqdm(total=plan.steps, initial=first, desc=name, unit="step", mininterval=5) as bar:
        for step in range(first, plan.steps):
            torch.manual_seed(step)
            for group in optimizer.param_groups:
                group["lr"] = plan.rate_at(step)
            loss = loss_of(step)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(groups, 1.0)
            optimizer.step()
            follow(average, model, min(plan.ema, (step + 1) / (step + 10)))
            now = float(loss.detach())
            smooth = now if step == first else 0.98 * smooth + 0.02 * now
            bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
            bar.update()
            if time.monotonic() - saved > plan.save_every:
                keep(file, model, average, optimizer, step + 1, source)
                saved = time.monotonic()
    if first < plan.steps:
        keep(file, model, average, optimizer, plan.steps, source)
    return average


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the averaged weights towards the trained ones."""
    for mean, value in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(value, 1 - decay)
    for kept, current in zip(average.buffers(), model.buffers(), strict=True):
        kept.copy_(current)


def keep(
    file: Path,
    model: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
    step: int,
    source: str,
) -> None:
    """Write the whole state."""
    state = {
        "step": step,
        "source": source,
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    states.keep(file, state)


def restore(
    file: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, source: str
) -> int:
    """Load a state where there is one, and say at which step it stands."""
    if not file.exists():
        return 0
    state = states.kept(file, next(model.parameters()).device)
    try:
        if state["source"] != source:
            raise ValueError("it learned from other data")
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])
    except UNREADABLE as error:
        raise DamagedState(file, error) from error
