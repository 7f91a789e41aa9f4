"""A training loop that can be stopped at any step and continued: its whole state is one file."""

import time
from collections.abc import Callable, Sequence
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
    """How long and how fast a stage trains; the rate warms up, then falls as a cosine to a twentieth.

    AdamW moves all weights but the matrices whose names begin with one of `matrices`: these are Muon's
    (Jordan et al. 2024), which takes a transformer as far in fewer steps.
    """

    steps: int
    rate: float
    matrices: tuple[str, ...] = ()
    matrix_rate: float = 0.02
    warm_up: int = 100
    ema: float = 0.999
    weight_decay: float = 0.01
    save_every: float = 90.0  # seconds

    def share_at(self, step: int) -> float:
        """What a step, counted from 0, has of the highest learning rate."""
        rising = min(1.0, (step + 1) / self.warm_up)
        falling = 0.525 + 0.475 * float(torch.cos(torch.tensor(torch.pi * min(step / self.steps, 1.0))))
        return rising * falling


def train(
    name: str, file: Path, model: nn.Module, plan: Plan, loss_of: Callable[[int], Tensor], source: str
) -> nn.Module:
    """Train until the plan's last step and return the moving average of the weights.

    `source` tells what is learned from, by a digest: a state that learned from something else is refused.

    `loss_of(step)` must draw its batch and its noise from the step's number alone, so that a continued run
    sees what an unbroken one would have seen.

    Raises: DamagedState where the state file is there but cannot be read, or learned from something else.
    """
    average = deepcopy(model).eval().requires_grad_(False)
    optimizers = new_optimizers(model, plan)
    learned = [p for p in model.parameters() if p.requires_grad]
    first = restore(file, model, average, list(optimizers), source)
    saved = time.monotonic()
    smooth = 0.0
    with tqdm(total=plan.steps, initial=first, desc=name, unit="step", mininterval=5) as bar:
        for step in range(first, plan.steps):
            torch.manual_seed(step)
            loss = loss_of(step)
            model.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            for optimizer, rate in optimizers.items():
                for group in optimizer.param_groups:
                    group["lr"] = rate * plan.share_at(step)
                optimizer.step()
            follow(average, model, min(plan.ema, (step + 1) / (step + 10)))
            now = float(loss.detach())
            smooth = now if step == first else 0.98 * smooth + 0.02 * now
            bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
            bar.update()
            if time.monotonic() - saved > plan.save_every:
                keep(file, model, average, list(optimizers), step + 1, source)
                saved = time.monotonic()
    if first < plan.steps:
        keep(file, model, average, list(optimizers), plan.steps, source)
    return average


def new_optimizers(model: nn.Module, plan: Plan) -> dict[torch.optim.Optimizer, float]:
    """What moves the weights that are not frozen, with its highest rate."""
    learned = {name: value for name, value in model.named_parameters() if value.requires_grad}
    matrices = {
        name: value for name, value in learned.items() if value.ndim == 2 and name.startswith(plan.matrices)
    }
    others = [value for name, value in learned.items() if name not in matrices]
    decay = plan.weight_decay
    found: dict[torch.optim.Optimizer, float] = {
        torch.optim.AdamW(others, plan.rate, betas=(0.9, 0.99), weight_decay=decay, fused=True): plan.rate
    }
    if matrices:
        found[torch.optim.Muon(matrices.values(), plan.matrix_rate, weight_decay=decay)] = plan.matrix_rate
    return found


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
    optimizers: Sequence[torch.optim.Optimizer],
    step: int,
    source: str,
) -> None:
    """Write the whole state."""
    state = {
        "step": step,
        "source": source,
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
    }
    states.keep(file, state)


def restore(
    file: Path,
    model: nn.Module,
    average: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    source: str,
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
        for optimizer, moved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(moved)
        return int(state["step"])
    except UNREADABLE as error:
        raise DamagedState(file, error) from error
