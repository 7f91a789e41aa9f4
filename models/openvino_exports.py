"""What of a pipeline is traced: each network with an example of its inputs and the names of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

_SIDE = 17  # of the latents: odd, so that what is traced brings any side back to its size
_TOKENS = 77


@dataclass(frozen=True)
class Export:
    """One network on its way: into which folder, with which inputs, and what its outputs are called."""

    folder: str
    network: nn.Module
    example: dict[str, Tensor]
    outputs: list[str]
    save_config: Callable[[Path], object]
    compress: bool = True  # whether weights of eight bits will do


def control_export(controlnet: Any) -> Export:
    """A ControlNet."""
    example = _example(controlnet.config.in_channels, controlnet.config.cross_attention_dim)
    factor = 2 ** (len(controlnet.config.conditioning_embedding_out_channels) - 1)
    example["controlnet_cond"] = torch.randn(2, 3, _SIDE * factor, _SIDE * factor)
    count = len(controlnet.controlnet_down_blocks)
    outputs = [f"down_block_res_sample_{i}" for i in range(count)] + ["mid_block_res_sample"]
    return Export("controlnet", _Control(controlnet), example, outputs, controlnet.save_config)


def exports(pipeline: Any) -> Iterator[Export]:
    """The networks of a pipeline, one after the other."""
    for name in ("text_encoder", "text_encoder_2"):
        if getattr(pipeline, name, None) is not None:
            yield _text_export(name, getattr(pipeline, name))
    unet, vae = pipeline.unet, pipeline.vae
    example = _example(unet.config.in_channels, unet.config.cross_attention_dim)
    if unet.config.addition_embed_type == "text_time":
        pooled = unet.config.projection_class_embeddings_input_dim - 6 * unet.config.addition_time_embed_dim
        example |= {"text_embeds": torch.randn(2, pooled), "time_ids": torch.randn(2, 6)}
    yield Export("unet", _UNet(unet), example, ["out_sample"], unet.save_config)
    side = _SIDE * 2 ** (len(vae.config.block_out_channels) - 1)
    pixels, latents = torch.randn(1, 3, side, side), torch.randn(1, vae.config.latent_channels, _SIDE, _SIDE)
    moments, picture = ["latent_parameters"], ["sample"]
    yield Export("vae_encoder", _Encoder(vae), {"sample": pixels}, moments, vae.save_config, False)
    yield Export("vae_decoder", _Decoder(vae), {"latent_sample": latents}, picture, vae.save_config, False)


def _text_export(name: str, encoder: Any) -> Export:
    ids = torch.full((2, _TOKENS), encoder.config.eos_token_id)
    layers = [f"hidden_states.{i}" for i in range(encoder.config.num_hidden_layers + 1)]
    first = ["text_embeds", "last_hidden_state"] if "Projection" in type(encoder).__name__ else None
    outputs = [*(first or ["last_hidden_state", "pooler_output"]), *layers]
    return Export(name, _Text(encoder), {"input_ids": ids}, outputs, encoder.config.save_pretrained)


def _example(channels: int, words: int) -> dict[str, Tensor]:
    """What a UNet and a ControlNet are asked."""
    return {
        "sample": torch.randn(2, channels, _SIDE, _SIDE),
        "timestep": torch.tensor(500),
        "encoder_hidden_states": torch.randn(2, _TOKENS, words),
    }


class _Text(nn.Module):
    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        found = self.encoder(input_ids, output_hidden_states=True)
        if hasattr(found, "text_embeds"):
            return (found.text_embeds, found.last_hidden_state, *found.hidden_states)
        return (found.last_hidden_state, found.pooler_output, *found.hidden_states)


class _UNet(nn.Module):
    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        text_embeds: Tensor | None = None,
        time_ids: Tensor | None = None,
    ) -> Tensor:
        added = None if text_embeds is None else {"text_embeds": text_embeds, "time_ids": time_ids}
        found: Tensor = self.unet(
            sample, timestep, encoder_hidden_states, added_cond_kwargs=added, return_dict=False
        )[0]
        return found


class _Control(nn.Module):
    def __init__(self, controlnet: Any) -> None:
        super().__init__()
        self.controlnet = controlnet

    def forward(
        self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, controlnet_cond: Tensor
    ) -> tuple[Tensor, ...]:
        down, mid = self.controlnet(
            sample, timestep, encoder_hidden_states, controlnet_cond, return_dict=False
        )
        return (*down, mid)


class _Encoder(nn.Module):
    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, sample: Tensor) -> Tensor:
        found: Tensor = self.vae.encode(sample).latent_dist.parameters
        return found


class _Decoder(nn.Module):
    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latent_sample: Tensor) -> Tensor:
        found: Tensor = self.vae.decode(latent_sample, return_dict=False)[0]
        return found
