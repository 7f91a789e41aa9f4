"""OpenVINO's networks as diffusers' pipelines want them: called with tensors, read by attribute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from diffusers import ControlNetModel
from diffusers.models.autoencoders.vae import DecoderOutput, DiagonalGaussianDistribution
from diffusers.models.controlnets.controlnet import ControlNetOutput
from diffusers.models.modeling_outputs import AutoencoderKLOutput
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.clip.modeling_clip import CLIPTextModelOutput

from models.errors import MaquetteError
from models.openvino_control import DOWN, MID
from models.openvino_engine import PRECISIONS
from models.openvino_graph import Graph, ShapeRefused

Numbers = Tensor | float | int


class Part:
    """What all of them tell: tensors go in and come out on the CPU in float32, whatever happens within.

    They are no torch modules, by which whoever wants to change or move layers knows that there are none.
    """

    dtype = torch.float32
    device = torch.device("cpu")

    def __init__(self, config: Any, *graphs: Graph) -> None:
        self.config = config
        self.nbytes = sum(graph.nbytes for graph in graphs)

    def modules(self) -> Iterator[nn.Module]:
        """No layers; diffusers looks among them for one that has been moved."""
        return iter(())

    def to(self, *_: object, dtype: torch.dtype | None = None) -> Part:
        """Itself: where and how precisely it computes is decided when it is loaded."""
        return self


class TextEncoder(Part):
    """Tokens to what the UNet reads."""

    def __init__(self, graph: Graph, config: Any) -> None:
        super().__init__(config, graph)
        self._graph = graph

    def __call__(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
    ) -> BaseModelOutputWithPooling | CLIPTextModelOutput:
        """input_ids [n, 77] -> the last layer [n, 77, D], pooled [n, D], and every layer's output."""
        found = dict(zip(self._graph.outputs, self._graph({"input_ids": input_ids}), strict=True))
        layers = tuple(found[name] for name in sorted(found, key=_number) if name.startswith("hidden_states"))
        if "text_embeds" in found:
            return CLIPTextModelOutput(found["text_embeds"], found.get("last_hidden_state"), layers or None)
        pooled = found.get("pooler_output")
        return BaseModelOutputWithPooling(found["last_hidden_state"], pooled, layers or None)


class UNet(Part):
    """Noise out of latents."""

    def __init__(self, graph: Graph, config: Any, factor: int) -> None:
        """`factor` is how many pixels a latent has in each direction."""
        super().__init__(config, graph)
        self._graph = graph
        self._factor = factor
        self.place = graph.place
        precision = PRECISIONS[graph.precision]
        self.precision = f"int8 weights, {precision}" if graph.int8 else precision
        width = config.get("projection_class_embeddings_input_dim")
        self.add_embedding = SimpleNamespace(linear_1=SimpleNamespace(in_features=width))

    def __call__(
        self,
        sample: Tensor,
        timestep: Numbers,
        encoder_hidden_states: Tensor,
        timestep_cond: Tensor | None = None,
        cross_attention_kwargs: Mapping[str, Any] | None = None,
        added_cond_kwargs: Mapping[str, Tensor] | None = None,
        down_block_additional_residuals: Sequence[Tensor] | None = None,
        mid_block_additional_residual: Tensor | None = None,
        return_dict: bool = True,
    ) -> UNet2DConditionOutput | tuple[Tensor]:
        """sample [n, C, h, w] at a timestep, with words [n, 77, D] -> the prediction [n, C, h, w].

        Raises:
            MaquetteError: BAD_REQUEST for a size that the network was not made for.
        """
        given = _conditions(self._graph, sample, timestep, encoder_hidden_states, added_cond_kwargs)
        if timestep_cond is not None:
            given["timestep_cond"] = timestep_cond
        if down_block_additional_residuals is not None and mid_block_additional_residual is not None:
            given |= {DOWN.format(i): one for i, one in enumerate(down_block_additional_residuals)}
            given[MID] = mid_block_additional_residual
        try:
            found = self._graph(given)[0]
        except ShapeRefused as error:
            raise self._refusal(sample) from error
        return UNet2DConditionOutput(found) if return_dict else (found,)

    def prepare(self, side: int, tokens: int) -> None:
        """Compile for one picture of this side in latents, drawn with guidance."""
        sample = torch.zeros(2, self.config.in_channels, side, side)
        words = torch.zeros(2, tokens, self.config.cross_attention_dim)
        given = _conditions(self._graph, sample, 0, words, None)
        if set(given) == set(self._graph.inputs):
            self._graph.prepare({name: list(tensor.shape) for name, tensor in given.items()})

    def _refusal(self, sample: Tensor) -> MaquetteError:
        """What is wrong with a size, and which would do."""
        *_, height, width = (side * self._factor for side in sample.shape)
        *_, rows, columns = self._graph.inputs["sample"]
        if rows is not None and columns is not None:
            made_for = f"it was made for {columns * self._factor} x {rows * self._factor}"
        else:
            halvings = len(self.config.block_out_channels) - 1
            made_for = f"sides must be multiples of {self._factor * 2**halvings}"
        return MaquetteError(
            "BAD_REQUEST", f"width, height: this OpenVINO model does not draw {width} x {height}; {made_for}"
        )


class ControlNet(ControlNetModel):  # type: ignore[misc]  # diffusers is Any to mypy
    """A drawing to what it adds to the UNet; diffusers asks for this class, so it is one, without layers."""

    dtype = torch.float32
    device = torch.device("cpu")

    def __init__(self, graph: Graph, config: Any) -> None:
        nn.Module.__init__(self)
        self._internal_dict = config
        self._graph = graph
        self.nbytes = graph.nbytes

    def forward(
        self,
        sample: Tensor,
        timestep: Numbers,
        encoder_hidden_states: Tensor,
        controlnet_cond: Tensor,
        conditioning_scale: float = 1.0,
        guess_mode: bool = False,
        added_cond_kwargs: Mapping[str, Tensor] | None = None,
        return_dict: bool = True,
    ) -> ControlNetOutput | tuple[list[Tensor], Tensor]:
        """As the UNet, with a drawing [n, 3, H, W] -> a residual for each skip connection and for the middle.

        Raises:
            MaquetteError: BAD_REQUEST for a size that the network was not made for.
        """
        given = _conditions(self._graph, sample, timestep, encoder_hidden_states, added_cond_kwargs)
        given["controlnet_cond"] = controlnet_cond
        try:
            found = self._graph(given)
        except ShapeRefused as error:
            *_, height, width = controlnet_cond.shape
            raise MaquetteError(
                "BAD_REQUEST", f"width, height: this ControlNet was not made for {width} x {height}"
            ) from error
        scales = torch.logspace(-1, 0, len(found)) if guess_mode else torch.ones(len(found))
        *down, mid = (one * scale * conditioning_scale for one, scale in zip(found, scales, strict=True))
        return ControlNetOutput(down, mid) if return_dict else (down, mid)


class Autoencoder(Part):
    """Pictures to latents and back."""

    def __init__(self, encoder: Graph, decoder: Graph, config: Any) -> None:
        super().__init__(config, encoder, decoder)
        self._encoder = encoder
        self._decoder = decoder

    def encode(self, x: Tensor, return_dict: bool = True) -> AutoencoderKLOutput | tuple[Any]:
        """Pictures [n, 3, H, W] in [-1, 1] -> the distribution of their latents."""
        (found,) = self._encoder({self._encoder_input: x})
        if found.shape[1] == self.config.latent_channels:  # older conversions give a sample
            found = torch.cat([found, torch.full_like(found, -30.0)], dim=1)
        spread = DiagonalGaussianDistribution(found)
        return AutoencoderKLOutput(spread) if return_dict else (spread,)

    def decode(
        self, z: Tensor, return_dict: bool = True, generator: torch.Generator | None = None
    ) -> DecoderOutput | tuple[Tensor]:
        """Latents [n, C, h, w] -> pictures [n, 3, H, W]."""
        (found,) = self._decoder({next(iter(self._decoder.inputs)): z})
        return DecoderOutput(found) if return_dict else (found,)

    def prepare(self, side: int) -> None:
        """Compile for the decoding of one picture of this side in latents."""
        name = next(iter(self._decoder.inputs))
        self._decoder.prepare({name: [1, self.config.latent_channels, side, side]})

    @property
    def _encoder_input(self) -> str:
        return next(iter(self._encoder.inputs))


def _conditions(
    graph: Graph, sample: Tensor, timestep: Numbers, words: Tensor, added: Mapping[str, Tensor] | None
) -> dict[str, Tensor]:
    """What UNet and ControlNet are both given, the timestep in the shape that the network wants."""
    time = torch.as_tensor(timestep).reshape(-1)[:1]
    rank = len(graph.inputs["timestep"])
    (length,) = graph.inputs["timestep"] or [None]
    time = time.reshape([]) if rank == 0 else time.expand(length or 1)
    given = {"sample": sample, "timestep": time, "encoder_hidden_states": words}
    return given | {name: tensor for name, tensor in (added or {}).items() if name in graph.inputs}


def _number(name: str) -> int:
    """The number at a name's end."""
    digits = name.rpartition(".")[2]
    return int(digits) if digits.isdigit() else -1
