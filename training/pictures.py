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
from training.description import Description
from training.loop import Plan, train
from training.place import autocast, batch_for, device, fuse, moved, place_of
from training.states import digest_of
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
    toys: list[Description]
    tokenizer: CLIPTokenizer
    alphas: Tensor  # [1000], cumulative signal power

    def tokens(self, indices: Tensor, rng: random.Random) -> Tensor:
        """Token ids [B, 77] of fresh wordings, some of them empty."""
        captions = []
        for index in indices.tolist():
            captions.append("" if rng.random() < NO_CAPTION else varied(rng, self.toys[index]))
        return token_ids(self.tokenizer, captions)


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """What the text encoder reads [B, 77]."""
    encoded = tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
    return cast(Tensor, encoded.input_ids)


def train_painter(
    lesson: Lesson, file: Path, steps: int, begin: Path | None = None, batch: int = 24
) -> Painter:
    """Train, and return the averaged UNet and text encoder; `begin` is a pipeline's folder to start from."""
    torch.manual_seed(0)
    model = Painter(lesson.tokenizer)
    if begin:
        inherit(model, lesson.tokenizer, begin)
    model.train_plainly()
    model.to(device()).unet.to(memory_format=torch.channels_last)
    fuse(model, steps)
    batch = batch_for(place_of(model), batch)
    plan = Plan(steps, rate=4e-4 if begin else 6e-4, ema=0.999)
    source = digest_of(lesson.latents)
    return cast(
        Painter,
        train("pictures", file, model, plan, lambda step: loss_at(model, lesson, step, batch), source),
    )


@torch.no_grad()
def inherit(painter: Painter, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Begin with the networks of a pipeline; words that both vocabularies have keep their embeddings."""
    painter.unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet").float()
    known = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder", dtype=torch.float32)
    state = {name: value for name, value in known.state_dict().items() if "token_embedding" not in name}
    painter.text_encoder.load_state_dict(state, strict=False)
    before = CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer").get_vocab()
    found, kept = (
        cast(nn.Embedding, encoder.get_input_embeddings()).weight for encoder in (painter.text_encoder, known)
    )
    for token, index in tokenizer.get_vocab().items():
        if token in before:
            found[index] = kept[before[token]]


def loss_at(model: Painter, lesson: Lesson, step: int, batch: int) -> Tensor:
    """Squared error of the velocity for one batch; timesteps are spread evenly over the schedule."""
    place, rng = place_of(model), random.Random(step)
    indices = torch.randint(0, len(lesson.latents), (batch,))
    timesteps = ((torch.arange(batch) + torch.rand(batch)) / batch * 1000).long().clamp(max=999)
    alphas = lesson.alphas[timesteps].view(-1, 1, 1, 1)
    clean, tokens, timesteps, alphas = moved(
        place, lesson.latents[indices].float(), lesson.tokens(indices, rng), timesteps, alphas
    )
    signal, spread, noise = alphas.sqrt(), (1 - alphas).sqrt(), torch.randn_like(clean)
    with autocast(place):
        found = model(signal * clean + spread * noise, timesteps, tokens)
    return functional.mse_loss(found.float(), signal * noise - spread * clean)
