"""The starter ControlNet: a drawing's lines say where the picture's parts lie (Zhang et al. 2023)."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from diffusers import ControlNetModel, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn import functional

from training.data import ToySet
from training.drawings import Drawings, make_drawings
from training.loop import Plan, train
from training.outlines import scribbled
from training.pictures import Lesson, token_ids
from training.place import autocast, batch_for, device, moved, place_of
from training.states import digest_of

EMBEDDING = (4, 16, 32, 64, 128)  # widths from the drawing's own size down to the latents'
NO_CAPTION = 0.3  # share of captions left out on top of the painter's, so that lines alone are enough
TOWARDS_NOISE = 0.6  # exponent: below 1, early timesteps, which settle the shape, come more often


def new_control(unet: UNet2DConditionModel, factor: int) -> ControlNetModel:
    """The encoder of the UNet, for drawings `factor` times as large as the latents.

    Its deepest level and middle have no attention: they look at 4 x 4 places, and were half of the weights.
    """
    settings = unet.config
    control = ControlNetModel(
        in_channels=settings.in_channels,
        down_block_types=(*settings.down_block_types[:-1], "DownBlock2D"),
        mid_block_type="UNetMidBlock2D",
        block_out_channels=settings.block_out_channels,
        layers_per_block=settings.layers_per_block,
        attention_head_dim=settings.attention_head_dim,
        cross_attention_dim=settings.cross_attention_dim,
        norm_num_groups=settings.norm_num_groups,
        conditioning_embedding_out_channels=EMBEDDING[: factor.bit_length()],
    )
    known = {name: value for name, value in unet.state_dict().items() if name in control.state_dict()}
    control.load_state_dict(known, strict=False)
    # A zero here as well as after every block, as published, would let nothing be learned at first.
    nn.init.kaiming_normal_(control.controlnet_cond_embedding.conv_out.weight)
    return control


@dataclass(frozen=True)
class Studio:
    """The finished painter, which only looks on."""

    unet: UNet2DConditionModel
    text_encoder: nn.Module
    lesson: Lesson

    def velocity(
        self, control: ControlNetModel, noisy: Tensor, times: Tensor, tokens: Tensor, drawn: Tensor
    ) -> Tensor:
        """What the UNet predicts [B, C, h, w] when the drawings [B, 3, H, W] in 0..1 are added to it."""
        with torch.no_grad():
            text = self.text_encoder(tokens).last_hidden_state
        down, middle = control(noisy, times, text, drawn, return_dict=False)
        found = self.unet(
            noisy, times, text, down_block_additional_residuals=down, mid_block_additional_residual=middle
        )
        return cast(Tensor, found.sample)


def train_control(
    pipeline: StableDiffusionPipeline,
    lesson: Lesson,
    drawings: Drawings,
    file: Path,
    steps: int,
    batch: int = 16,
) -> ControlNetModel:
    """Train a ControlNet for a finished pipeline, and return its moving average."""
    torch.manual_seed(0)
    control = new_control(pipeline.unet, pipeline.vae_scale_factor)
    for network in (pipeline.unet, control):
        network.set_attn_processor(AttnProcessor())  # its backward pass is twice as fast on a CPU
    control.controlnet_cond_embedding.to(memory_format=torch.channels_last)  # three times as fast
    for network in (pipeline.unet, pipeline.text_encoder, control):
        network.to(device())
    batch = batch_for(place_of(control), batch)
    pipeline.unet.requires_grad_(False)
    studio = Studio(pipeline.unet, pipeline.text_encoder.requires_grad_(False), lesson)
    plan = Plan(steps, rate=5e-4, ema=0.998)
    source = digest_of(pipeline.unet.conv_out.weight)

    def loss(step: int) -> Tensor:
        return loss_at(studio, control, drawings, step, batch)

    return cast(ControlNetModel, train("control", file, control, plan, loss, source))


def loss_at(studio: Studio, control: ControlNetModel, drawings: Drawings, step: int, batch: int) -> Tensor:
    """Squared error of the velocity for one batch of drawings."""
    lesson, rng, place = studio.lesson, random.Random(step), place_of(control)
    indices = torch.randint(0, len(lesson.latents), (batch,))
    drawn = scribbled(*drawings.take(indices)).expand(-1, 3, -1, -1)
    tokens = lesson.tokens(indices, rng)
    tokens[torch.rand(batch) < NO_CAPTION] = token_ids(lesson.tokenizer, [""])
    times = (
        (((torch.arange(batch) + torch.rand(batch)) / batch) ** TOWARDS_NOISE * 1000).long().clamp(max=999)
    )
    alphas = lesson.alphas[times].view(-1, 1, 1, 1)
    clean, drawn, tokens, times, alphas = moved(
        place, lesson.latents[indices].float(), drawn, tokens, times, alphas
    )
    signal, spread, noise = alphas.sqrt(), (1 - alphas).sqrt(), torch.randn_like(clean)
    with autocast(place):
        found = studio.velocity(control, signal * clean + spread * noise, times, tokens, drawn)
    return functional.mse_loss(found.float(), signal * noise - spread * clean)


def make_control(starter: Path, data: ToySet, work: Path, steps: int) -> None:
    """Train for the pictures that ship, and save beside them in float16."""
    pipeline = StableDiffusionPipeline.from_pretrained(starter / "pictures", dtype=torch.float32)
    drawings = make_drawings(pipeline, data, work / "drawings.pt")
    alphas = torch.as_tensor(pipeline.scheduler.alphas_cumprod)
    lesson = Lesson(drawings.latents, data.toys, pipeline.tokenizer, alphas)
    control = train_control(pipeline, lesson, drawings, work / "control.pt", steps)
    control.set_default_attn_processor()
    control.to("cpu", torch.float16).save_pretrained(starter / "control")
