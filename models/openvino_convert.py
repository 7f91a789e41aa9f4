"""From torch to OpenVINO: the networks of a pipeline as a folder in the layout that optimum publishes."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from models.openvino_engine import import_openvino
from models.openvino_graph import NETWORK

if TYPE_CHECKING:
    from openvino import Model

_SIDE = 17  # of the latents that are traced: odd, so that the network learns to bring any side back to its size
_TOKENS = 77


@dataclass(frozen=True)
class Export:
    """One network on its way: into which folder, with which inputs, and what its outputs are called."""

    folder: str
    network: nn.Module
    example: dict[str, Tensor]
    outputs: list[str]
    config: Any  # what saves the config
    compress: bool = True  # whether weights of eight bits will do


def convert_pipeline(pipeline: Any, folder: Path, *, int8: bool) -> None:
    """Write a pipeline of float32 on the CPU, weights in float16, or in eight bits but for the autoencoder's.

    The folder appears whole or not at all, in the place of an earlier one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        made = Path(scratch) / folder.name
        pipeline.save_config(made)
        pipeline.scheduler.save_pretrained(made / "scheduler")
        for name in ("tokenizer", "tokenizer_2"):
            if getattr(pipeline, name, None) is not None:
                getattr(pipeline, name).save_pretrained(made / name)
        colours = Path(pipeline.name_or_path) / "latent_rgb.json"
        if colours.is_file():
            shutil.copyfile(colours, made / colours.name)
        for export in _exports(pipeline):
            write(export, made, int8=int8)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)


def write(export: Export, folder: Path, *, int8: bool) -> None:
    """Trace one network and write it with its config."""
    ov = import_openvino()
    model = _traced(export)
    if int8 and export.compress:
        model = _compressed(model)
    place = folder / export.folder
    export.config(place)
    ov.save_model(model, place / NETWORK, compress_to_fp16=True)


def control_export(controlnet: Any, words: int) -> Export:
    """A ControlNet that reads words of so many numbers each."""
    example = _example(controlnet.config.in_channels, words)
    factor = 2 ** (len(controlnet.config.conditioning_embedding_out_channels) - 1)
    example["controlnet_cond"] = torch.randn(2, 3, _SIDE * factor, _SIDE * factor)
    count = len(controlnet.controlnet_down_blocks)
    outputs = [f"down_block_res_sample_{i}" for i in range(count)] + ["mid_block_res_sample"]
    return Export("controlnet", _Control(controlnet), example, outputs, controlnet.save_config)


def _exports(pipeline: Any) -> Iterator[Export]:
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
    yield Export("vae_encoder", _Encoder(vae), {"sample": pixels}, ["latent_parameters"], vae.save_config, False)
    yield Export("vae_decoder", _Decoder(vae), {"latent_sample": latents}, ["sample"], vae.save_config, False)


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


def _traced(export: Export) -> Model:
    """The network as OpenVINO's, its inputs of any size but for channels, its outputs named."""
    ov = import_openvino()
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer's, about checks of shapes that diffusers makes
        # Not traced a second and third time to compare: the tests do that, once for all users.
        decoder = TorchScriptPythonDecoder(
            export.network.eval(), example_input=export.example, trace_kwargs={"check_trace": False}
        )
        model = ov.convert_model(decoder, example_input=export.example)
    model.reshape({name: _open(name, tensor) for name, tensor in export.example.items()})
    for port, name in zip(model.outputs, export.outputs, strict=True):
        port.get_tensor().set_names({name})
    return model


def _open(name: str, tensor: Tensor) -> list[int]:
    """A shape with all that may vary left open: batch, sides and tokens, but not what a number is made of."""
    if name == "input_ids":
        return [-1, -1]
    return [*([-1] if tensor.ndim else []), *(_kept(tensor))]


def _kept(tensor: Tensor) -> list[int]:
    if tensor.ndim == 4:
        return [tensor.shape[1], -1, -1]
    return [-1, tensor.shape[2]] if tensor.ndim == 3 else list(tensor.shape[1:])


def _compressed(model: Model) -> Model:
    """The network with weights of eight bits."""
    with redirect_stdout(StringIO()):  # it draws progress bars
        import logging

        import nncf

        nncf.set_log_level(logging.ERROR)
        found: Model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_ASYM)
    return found
