"""How much memory there is, how much a model takes, and what running out of it looks like."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_SHARE = 0.6  # of the memory for models; the rest is for activations and everything else
_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")


def default_budget(device: torch.device) -> int:
    """Bytes that loaded models may take together on this device."""
    import psutil
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1] * _SHARE)
    return int(psutil.virtual_memory().total * _SHARE)


def size_of(modules: Iterable[object]) -> int:
    """Bytes of the parameters and buffers of those objects that are torch modules."""
    from itertools import chain

    from torch import nn

    return sum(
        tensor.numel() * tensor.element_size()
        for module in modules
        if isinstance(module, nn.Module)
        for tensor in chain(module.parameters(), module.buffers())
    )


def give_back() -> None:
    """Hand memory that nothing refers to any more back to the device."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a failure means that memory ran out, in any of the ways in which torch says it."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _WORDS)
