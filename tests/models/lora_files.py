"""LoRA files of random weights for any UNet, in the two layouts that are met in the wild."""

from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.miniature import make_unet

RANK, ALPHA = 4, 2.0


def make_lora(
    path: Path, unet: Any, layout: Literal["diffusers", "kohya"] = "diffusers", seed: int = 0
) -> Path:
    """A LoRA for every attention projection of a UNet."""
    generator = torch.Generator().manual_seed(seed)
    tensors: dict[str, Tensor] = {}
    for name, layer in unet.named_modules():
        if not name.endswith(("attn1.to_q", "attn1.to_v", "attn2.to_k", "attn2.to_out.0")):
            continue
        outputs, inputs = layer.out_features, layer.in_features
        down = torch.randn(RANK, inputs, generator=generator)
        up = torch.randn(outputs, RANK, generator=generator)
        if layout == "kohya":
            stem = "lora_unet_" + name.replace(".", "_")
            tensors |= {f"{stem}.lora_down.weight": down, f"{stem}.lora_up.weight": up}
            tensors[f"{stem}.alpha"] = torch.tensor(ALPHA)
        else:
            tensors |= {f"unet.{name}.lora_A.weight": down, f"unet.{name}.lora_B.weight": up}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half() for name, tensor in tensors.items()}, path)
    return path


def wider_unet() -> Any:
    """A UNet whose text is twice as wide as the miniature's, as that of another architecture is."""
    return make_unet(text_width=64)
