"""Where training runs: on a GPU where there is one, else on the CPU, by the same commands."""

import shutil

import torch
from torch import Tensor, nn

from models.runtime import has_bf16_instructions

LARGER = 4  # how many times the batch of a CPU a GPU takes
LONG = 1000  # steps from which on compiling pays: minutes once, for a seventh of each step


def device() -> torch.device:
    """The first CUDA device, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(place: torch.device) -> torch.autocast:
    """Matrix products and convolutions in bfloat16 on this device; sums and norms stay in float32.

    A processor that has to imitate bfloat16 takes thrice as long with it, and is left alone.
    """
    on_gpu = place.type == "cuda"
    return torch.autocast(
        "cuda" if on_gpu else "cpu", torch.bfloat16, enabled=on_gpu or has_bf16_instructions()
    )


def batch_for(place: torch.device, small: int) -> int:
    """How many examples a step takes: `small` on a CPU, four times as many elsewhere."""
    return small if place.type == "cpu" else LARGER * small


def place_of(model: nn.Module) -> torch.device:
    """The device of a network, which what it learns from must be moved to."""
    return next(model.parameters()).device


def moved(place: torch.device, *batch: Tensor) -> tuple[Tensor, ...]:
    """A batch on another device."""
    return tuple(part.to(place, non_blocking=True) for part in batch)


def fuse(network: nn.Module, steps: int) -> None:
    """Compile a network that trains for long, if a C++ compiler is at hand; its weights keep their names."""
    if steps >= LONG and shutil.which("g++"):
        network.compile()
