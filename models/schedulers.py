"""Schedulers by the names that users know, each diffusers' own on the noise schedule of a model."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from models.configs import read_config
from models.errors import MaquetteError, UnreadableFile

if TYPE_CHECKING:
    from torch import Tensor

SchedulerName = Literal[
    "Euler",
    "Euler a",
    "DPM++ 2M",
    "DPM++ 2M Karras",
    "DPM++ SDE",
    "UniPC",
    "DDIM",
    "LCM",
    "Heun",
    "LMS",
]
SCHEDULERS: tuple[SchedulerName, ...] = get_args(SchedulerName)
_CLASSES: dict[SchedulerName, tuple[str, dict[str, Any]]] = {
    "Euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "DPM++ 2M": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "use_karras_sigmas": False},
    ),
    "DPM++ 2M Karras": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
    ),
    "DPM++ SDE": ("DPMSolverSDEScheduler", {"use_karras_sigmas": False}),
    "UniPC": ("UniPCMultistepScheduler", {}),
    "DDIM": ("DDIMScheduler", {}),
    "LCM": ("LCMScheduler", {}),
    "Heun": ("HeunDiscreteScheduler", {}),
    "LMS": ("LMSDiscreteScheduler", {}),
}
_LEAST_SIGNAL = 2.0**-24  # what diffusers' own put in the place of a last step without any signal


def make_scheduler(name: SchedulerName | None, own: Any, seeds: Sequence[int] = ()) -> Any:
    """A scheduler without memory of earlier pictures, on the noise schedule of a model's own.

    Args:
        name: None makes another of the model's own kind.
        seeds: one per picture of the batch, for the noise that does not come from the pipeline's generators.
    """
    import diffusers

    if name is None:
        return type(own).from_config(own.config)
    class_name, settings = _CLASSES[name]
    kind: Any = getattr(diffusers, class_name)
    known = signature(kind).parameters
    if own.config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in known:
        settings = settings | {"trained_betas": _finite_betas(own.alphas_cumprod).tolist()}
    if "noise_sampler_seed" in known and seeds:
        settings = settings | {"noise_sampler_seed": list(seeds)}
    return kind.from_config(own.config, **settings)


def read_scheduler(folder: Path) -> Any:
    """The sampler that a folder names, one of diffusers' common ones.

    Raises:
        UnreadableFile: naming its file, where that is not there or says something else.
    """
    import diffusers
    from diffusers.schedulers import KarrasDiffusionSchedulers

    file = folder / "scheduler_config.json"
    name = str(read_config(file).get("_class_name"))
    if name not in (*KarrasDiffusionSchedulers.__members__, "LCMScheduler"):
        raise UnreadableFile(f"{folder.name}/{file.name} names no sampler that is known: {name[:40]!r}.")
    return getattr(diffusers, name).from_pretrained(folder, local_files_only=True)


def refuse_steps(scheduler: Any, steps: int) -> None:
    """Raise BAD_REQUEST for more steps than the scheduler can take."""
    most = scheduler.config.get("original_inference_steps")
    if most is not None and steps > most:
        raise MaquetteError("BAD_REQUEST", f"steps: {steps} is more than {most}, the most that LCM can take")


def _finite_betas(alphas_cumprod: Tensor) -> Tensor:
    """The betas [T] of a schedule that ends in noise alone, with the least of signals at its end."""
    import torch

    kept = alphas_cumprod.double().clamp(min=_LEAST_SIGNAL)
    return 1 - kept / torch.cat([torch.ones_like(kept[:1]), kept[:-1]])
