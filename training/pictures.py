"""The starter diffusion model: captions to latents, in Stable Diffusion's own parts."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training.captions import varied
from training.loop import Plan, train
from training.words import MAX_TOKENS

LATENT_CHANNELS, LATENT_SIZE = 8, 16
NO_CAPTION = 0.1  # share of empty captions, for classifier-free guidance
WIDTH = 192  # of the text


def new_scheduler() -> DDIMScheduler:
    """v-prediction, zero terminal signal, trailing timesteps (Lin et al. 2023)."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
    )


def new_unet() -> UNet2DConditionModel:
    """Three levels of 16, 8 and 4 latents a side, text at all of them."""
    return UNet2DConditionModel(
        sample_size=LATENT_SIZE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
        block_out_channels=(96, 160, 224),
        layers_per_block=1,
        attention_head_dim=(3, 5, 7),
        cross_attention_dim=WIDTH,
        norm_num_groups=32,
    )


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """CLIP's text transformer, small, trained together with the UNet."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=6,
            max_position_embeddings=MAX_TOKENS,
            projection_dim=WIDTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


class Painter(nn.Module):
    """UNet and text encoder, averaged and saved as one."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        super().__init__()
        self.unet = new_unet()
        self.text_encoder = new_text_encoder(tokenizer)

    def train_plainly(self) -> None:
        """Plain attention: on a CPU its backward pass takes half the time of the fused one at these sizes."""
        self.unet.set_attn_processor(AttnProcessor())
        self.text_encoder.set_attn_implementation("eager")

    def forward(self, noisy: Tensor, timesteps: Tensor, tokens: Tensor) -> Tensor:
        """Velocity [B, 8, 16, 16] for noisy latents, timesteps [B] and token ids [B, 77]."""
        text = self.text_encoder(tokens).last_hidden_state
        return cast(Tensor, self.unet(noisy, timesteps, text).sample)


@dataclass(frozen=True)
class Lesson:
    """What the painter learns from: scaled latents [N, 8, 16, 16], and the words for each toy."""

    latents: Tensor
    toys: list[list[str]]
    tokenizer: CLIPTokenizer
    alphas: Tensor  # [1000], cumulative signal power

    def tokens(self, indices: Tensor, rng: random.Random) -> Tensor:
        """Token ids [B, 77] of fresh wordings, some of them empty."""
        captions = []
        for index in indices.tolist():
            _, kind, colour, second = self.toys[index]
            captions.append("" if rng.random() < NO_CAPTION else varied(rng, kind, colour, second))
        encoded = self.tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
        return cast(Tensor, encoded.input_ids)


def train_painter(lesson: Lesson, file: Path, steps: int, batch: int = 24) -> Painter:
    """Train, and return the averaged UNet and text encoder."""
    torch.manual_seed(0)
    model = Painter(lesson.tokenizer)
    model.train_plainly()
    plan = Plan(steps, rate=6e-4, ema=0.998)
    return cast(
        Painter, train("pictures", file, model, plan, lambda step: loss_at(model, lesson, step, batch))
    )


def loss_at(model: Painter, lesson: Lesson, step: int, batch: int) -> Tensor:
    """Squared error of the velocity for one batch; timesteps are spread evenly over the schedule."""
    rng = random.Random(step)
    indices = torch.randint(0, len(lesson.latents), (batch,))
    clean = lesson.latents[indices].float()
    timesteps = ((torch.arange(batch) + torch.rand(batch)) / batch * 1000).long()
    signal = lesson.alphas[timesteps].sqrt().view(-1, 1, 1, 1)
    spread = (1 - lesson.alphas[timesteps]).sqrt().view(-1, 1, 1, 1)
    noise = torch.randn_like(clean)
    with torch.autocast("cpu", torch.bfloat16):
        found = model(signal * clean + spread * noise, timesteps, lesson.tokens(indices, rng))
    return functional.mse_loss(found.float(), signal * noise - spread * clean)
