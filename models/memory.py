"""How much memory there is, how much a model takes, and what running out of it looks like."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_SHARE = 0.6  # of the memory for models; the rest is for activations and everything else
_WORDS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "failed to allocate",
    "bad_alloc",
    "cl_out_of_",
    "cl_mem_object_allocation_failure",
)


def default_budget(device: torch.device) -> int:
    """Bytes that loaded models may take together on this device."""
    import psutil
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1] * _SHARE)
    return int(psutil.virtual_memory().total * _SHARE)


def size_of(modules: Iterable[object]) -> int:
    """Bytes of the weights of those objects that are torch modules, or tell them as OpenVINO's do."""
    from itertools import chain

    from torch import nn

    def size(module: object) -> int:
        if hasattr(module, "nbytes"):
            return int(module.nbytes)
        if not isinstance(module, nn.Module):
            return 0
        tensors = chain(module.parameters(), module.buffers())
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    return sum(map(size, modules))


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
