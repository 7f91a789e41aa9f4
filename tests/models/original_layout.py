"""Checkpoints in the original layout, one file each, made of any pipeline in diffusers' layout."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from models.layouts import LAYOUTS, Layout

_RESNET = {
    "norm1.": "in_layers.0.",
    "conv1.": "in_layers.2.",
    "time_emb_proj.": "emb_layers.1.",
    "norm2.": "out_layers.0.",
    "conv2.": "out_layers.3.",
    "conv_shortcut.": "skip_connection.",
}
_ENDS = {
    "time_embedding.linear_1.": "time_embed.0.",
    "time_embedding.linear_2.": "time_embed.2.",
    "add_embedding.linear_1.": "label_emb.0.0.",
    "add_embedding.linear_2.": "label_emb.0.2.",
    "conv_in.": "input_blocks.0.0.",
    "conv_norm_out.": "out.0.",
    "conv_out.": "out.2.",
    "mid_block.resnets.0.": "middle_block.0.",
    "mid_block.attentions.0.": "middle_block.1.",
    "mid_block.resnets.1.": "middle_block.2.",
}
_VAE = {
    r"mid_block\.resnets\.(\d)": lambda m: f"mid.block_{int(m[1]) + 1}",
    r"mid_block\.attentions\.0": lambda m: "mid.attn_1",
    r"down_blocks\.(\d)\.resnets": lambda m: f"down.{m[1]}.block",
    r"down_blocks\.(\d)\.downsamplers\.0": lambda m: f"down.{m[1]}.downsample",
    r"up_blocks\.(\d)\.resnets": lambda m: f"up.{3 - int(m[1])}.block",
    r"up_blocks\.(\d)\.upsamplers\.0": lambda m: f"up.{3 - int(m[1])}.upsample",
    r"conv_norm_out": lambda m: "norm_out",
    r"conv_shortcut": lambda m: "nin_shortcut",
    r"group_norm": lambda m: "norm",
    r"to_out\.0": lambda m: "proj_out",
    r"\.to_([qkv])\.": lambda m: f".{m[1]}.",
}
_OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def save_original(pipeline: Any, file: Path) -> Path:
    """Write a pipeline's weights under the names that Stable Diffusion 1.5 or XL was published with."""
    tensors = _unet(pipeline.unet) | _autoencoder(pipeline.vae)
    first = {_bare(name): tensor for name, tensor in pipeline.text_encoder.state_dict().items()}
    if getattr(pipeline, "text_encoder_2", None) is None:
        tensors |= {f"cond_stage_model.transformer.text_model.{n}": t for n, t in first.items()}
    else:
        tensors |= {f"conditioner.embedders.0.transformer.text_model.{n}": t for n, t in first.items()}
        tensors |= _open_clip(pipeline.text_encoder_2.state_dict())
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    return file


def layout_of(folder: Path, family: str) -> Layout:
    """The layout of a family with a miniature's own numbers."""
    full = LAYOUTS[family]
    configs = {}
    for part in full.configs:
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        read = json.loads((folder / part / name).read_text())
        configs[part] = {key: value for key, value in read.items() if not key.startswith("_")}
    paddings = {part: _padding(folder / part) for part in full.tokenizers}
    return Layout(full.pipeline, full.classes, configs, paddings)


def _padding(folder: Path) -> str:
    return str(json.loads((folder / "tokenizer_config.json").read_text())["pad_token"])


def _bare(name: str) -> str:
    return name.removeprefix("text_model.")


def _unet(unet: Any) -> dict[str, Tensor]:
    """Names of the blocks counted through, as the original has them."""
    per_block = unet.config.layers_per_block + 1
    starts = dict(_ENDS)
    for block in range(len(unet.down_blocks)):
        for layer in range(per_block - 1):
            place = f"input_blocks.{1 + block * per_block + layer}"
            starts[f"down_blocks.{block}.resnets.{layer}."] = f"{place}.0."
            starts[f"down_blocks.{block}.attentions.{layer}."] = f"{place}.1."
        starts[f"down_blocks.{block}.downsamplers.0.conv."] = f"input_blocks.{(block + 1) * per_block}.0.op."
    for block, layers in enumerate(unet.up_blocks):
        for layer in range(per_block):
            place = f"output_blocks.{block * per_block + layer}"
            starts[f"up_blocks.{block}.resnets.{layer}."] = f"{place}.0."
            starts[f"up_blocks.{block}.attentions.{layer}."] = f"{place}.1."
        after = 2 if hasattr(layers, "attentions") else 1
        last = f"output_blocks.{(block + 1) * per_block - 1}.{after}.conv."
        starts[f"up_blocks.{block}.upsamplers.0.conv."] = last
    return {f"model.diffusion_model.{_in_unet(n, starts)}": t for n, t in unet.state_dict().items()}


def _in_unet(name: str, starts: Mapping[str, str]) -> str:
    start = next(start for start in starts if name.startswith(start))
    rest = name.removeprefix(start)
    if "resnets" in start:
        part = next(part for part in _RESNET if rest.startswith(part))
        rest = _RESNET[part] + rest.removeprefix(part)
    return starts[start] + rest


def _autoencoder(vae: Any) -> dict[str, Tensor]:
    tensors = {}
    for name, tensor in vae.state_dict().items():
        new = name
        for pattern, change in _VAE.items():
            new = re.sub(pattern, change, new)
        square = "attn_1" in new and tensor.ndim == 2  # the original has convolutions there
        tensors[f"first_stage_model.{new}"] = tensor[:, :, None, None] if square else tensor
    return tensors


def _open_clip(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The second text encoder, whose three projections are one."""
    import torch

    tensors: dict[str, Tensor] = {}
    for full, tensor in state.items():
        name = _bare(full)
        if name == "text_projection.weight":
            tensors["text_projection"] = tensor.T
        elif name == "embeddings.position_embedding.weight":
            tensors["positional_embedding"] = tensor
        elif name == "embeddings.token_embedding.weight":
            tensors["token_embedding.weight"] = tensor
        elif name.startswith("final_layer_norm."):
            tensors[name.replace("final_layer_norm", "ln_final")] = tensor
        elif ".q_proj." in name:
            three = [state[full.replace("q_proj", f"{letter}_proj")] for letter in "qkv"]
            number, kind = name.split(".")[2], name.rsplit(".", 1)[1]
            tensors[f"transformer.resblocks.{number}.attn.in_proj_{kind}"] = torch.cat(three)
        elif name.startswith("encoder.layers.") and not re.search(r"\.[kv]_proj\.", name):
            new = name.replace("encoder.layers", "transformer.resblocks")
            for old, other in _OPEN_CLIP.items():
                new = new.replace(old, other)
            tensors[new] = tensor
    return {f"conditioner.embedders.1.model.{name}": tensor for name, tensor in tensors.items()}
