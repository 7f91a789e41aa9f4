"""How much memory there is, how much a model takes, and what running out of it looks like."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_SHARE = 0.6  # of the memory for models; the rest is for activations and everything else
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # mallopt(3), malloc.h of glibc
_KEPT, _MAPPED = 2**31 - 1, 256 * 2**20  # bytes at the heap's end, and of a block that is mapped by itself
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


def keep_freed() -> None:
    """Let freed memory serve the next step, which wants as much again, until `give_back`; for glibc.

    By itself it hands blocks of a megabyte back at once, and a step of Stable Diffusion in float32 took
    an eighth longer for having gigabytes of pages cleared anew.
    """
    mallopt = _c_function("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)  # other threads' heaps hold 64 MiB each
        mallopt(_M_MMAP_THRESHOLD, _MAPPED)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)


def _c_function(name: str) -> Any:
    """A function of the C library; None where it has no such one."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def give_back() -> None:
    """Hand memory that nothing refers to any more back to the device and the operating system."""
    import torch

    gc.collect()
    trim = _c_function("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a failure means that memory ran out, in any of the ways in which torch says it."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _WORDS)
