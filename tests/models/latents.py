"""What a pipeline draws, as latents, so that two ways to the same picture can be compared to the bit."""

from typing import Any

import torch
from torch import Tensor


def latents_of(pipeline: Any, steps: int = 2, **words: Any) -> Tensor:
    """The latents of a picture of 64 x 64 pixels with seed 1."""
    pipeline.set_progress_bar_config(disable=True)
    drawn = pipeline(
        **words,
        num_inference_steps=steps,
        width=64,
        height=64,
        generator=torch.Generator().manual_seed(1),
        output_type="latent",
    )
    return torch.as_tensor(drawn.images)
