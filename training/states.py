"""Files that training keeps: written whole or not at all, refused by name where they are damaged."""

import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

UNREADABLE = (RuntimeError, KeyError, ValueError, TypeError, EOFError, OSError, pickle.UnpicklingError)


class DamagedState(Exception):
    """A training state that cannot be read or continued; the message names the file."""

    def __init__(self, file: Path, why: object) -> None:
        super().__init__(f"{file} cannot be continued ({why}): delete it to start the stage anew")


def keep(file: Path, state: object) -> None:
    """Write a state beside the old one, then put it in its place."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, file)


def kept(file: Path, place: torch.device | None = None) -> Any:
    """A state as it was kept. Raises: DamagedState where it cannot be read."""
    try:
        return torch.load(file, map_location=place, weights_only=True)
    except UNREADABLE as error:
        raise DamagedState(file, error) from error


def digest_of(values: Tensor) -> str:
    """Tells what a stage learned from by its first rows: latents, or the last layer of a network."""
    return hashlib.sha256(values[:64].detach().cpu().contiguous().numpy().tobytes()).hexdigest()[:16]
