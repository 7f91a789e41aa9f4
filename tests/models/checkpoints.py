"""Tiny random checkpoints in the layouts of the catalogue, so that every path runs without a download.

Blocks are of the kinds and order of the real networks, so that names and conversions are theirs; only the
widths are small.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.catalogue import CATALOGUE
from tests.hub import Hub
from tests.miniature import make_meshes, make_tokenizer
from tsr.checkpoint import IGNORED

SIDE = 64  # pixels that the pipelines draw natively
FACTOR = 8  # pixels per latent
WIDTH, SECOND = 32, 64  # of the text encoders; XL's second one is wider
_TURBO = {"timestep_spacing": "trailing", "steps_offset": 1}


def make_sd(folder: Path, seed: int = 0, *, turbo: bool = False) -> Path:
    """A StableDiffusionPipeline in the layout of Stable Diffusion 1.5, or of SD-Turbo."""
    import torch
    from diffusers import EulerDiscreteScheduler, PNDMScheduler, StableDiffusionPipeline

    torch.manual_seed(seed)
    scheduler: Any = EulerDiscreteScheduler(**_betas(), **_TURBO) if turbo else _pndm(PNDMScheduler)
    tokenizer = make_tokenizer(folder / "tokenizer")
    parts: dict[str, Any] = {
        "vae": make_vae(0.18215),
        "text_encoder": _text_encoder(tokenizer),
        "tokenizer": tokenizer,
        "unet": make_unet(turbo=turbo),
        "scheduler": scheduler,
        "safety_checker": None if turbo else _safety_checker(),
        "feature_extractor": None if turbo else _feature_extractor(),
    }
    pipeline = StableDiffusionPipeline(**parts, requires_safety_checker=not turbo)
    return _save(pipeline, folder)


def make_sd_turbo(folder: Path, seed: int = 0) -> Path:
    """A StableDiffusionPipeline in the layout of SD-Turbo: linear projections, trailing steps, no checker."""
    return make_sd(folder, seed, turbo=True)


def make_sdxl(folder: Path, seed: int = 0) -> Path:
    """A StableDiffusionXLPipeline: two text encoders, the second one with a projection."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    torch.manual_seed(seed)
    first, second = (make_tokenizer(folder / name) for name in ("tokenizer", "tokenizer_2"))
    pipeline = StableDiffusionXLPipeline(
        vae=make_vae(0.13025),
        text_encoder=_text_encoder(first),
        text_encoder_2=_text_encoder(second, projected=True),
        tokenizer=first,
        tokenizer_2=second,
        unet=make_xl_unet(),
        scheduler=EulerDiscreteScheduler(**_betas(), timestep_spacing="leading", steps_offset=1),
    )
    return _save(pipeline, folder)


def make_controlnet(folder: Path, seed: int = 0) -> Path:
    """A ControlNetModel that fits `make_sd`."""
    import torch
    from diffusers import ControlNetModel

    torch.manual_seed(seed)
    control = ControlNetModel.from_unet(make_unet(), conditioning_channels=3)
    for projection in [*control.controlnet_down_blocks, control.controlnet_mid_block]:
        torch.nn.init.normal_(projection.weight, std=0.1)  # untrained ones are zero, and change nothing
    control.save_pretrained(folder)
    control.to(torch.float16).save_pretrained(folder, variant="fp16")
    return folder


def make_taesd(folder: Path, seed: int = 0) -> Path:
    """An AutoencoderTiny of 4 latent channels and factor 8."""
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(seed)
    tiny = AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    )
    tiny.save_pretrained(folder)
    return folder


def make_triposr(folder: Path, seed: int = 0) -> Path:
    """A TSR as published: config.yaml and model.ckpt with the two tensors that nothing uses."""
    import torch
    from safetensors.torch import load_file

    make_meshes(folder, seed)
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors | {name: torch.zeros(1) for name in IGNORED}, folder / "model.ckpt")
    return folder


def make_unet(*, turbo: bool = False) -> Any:
    """The UNet of Stable Diffusion 1.5, narrow; SD-Turbo's projects by linear layers."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=SIDE // FACTOR,
        block_out_channels=(16, 32, 32, 32),
        norm_num_groups=8,
        attention_head_dim=(2, 4, 4, 4) if turbo else 4,
        cross_attention_dim=WIDTH,
        use_linear_projection=turbo,
    )


def make_xl_unet() -> Any:
    """The UNet of Stable Diffusion XL, narrow and with fewer transformer layers."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=SIDE // FACTOR,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(16, 32, 32),
        transformer_layers_per_block=(1, 1, 2),
        norm_num_groups=8,
        attention_head_dim=(2, 4, 4),
        cross_attention_dim=WIDTH + SECOND,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + WIDTH,
    )


def make_vae(scaling_factor: float) -> Any:
    """The autoencoder of Stable Diffusion, narrow."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=2,
        norm_num_groups=4,
        sample_size=SIDE,
        scaling_factor=scaling_factor,
    )


def _text_encoder(tokenizer: Any, *, projected: bool = False) -> Any:
    """A CLIP text encoder; SDXL's second one projects what it says of the whole prompt."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=SECOND if projected else WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        projection_dim=WIDTH,
    )
    return CLIPTextModelWithProjection(config) if projected else CLIPTextModel(config)


def _safety_checker() -> Any:
    """The safety checker that Stable Diffusion 1.5 names, over a small CLIP."""
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    vision = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
    }
    text = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    return StableDiffusionSafetyChecker(CLIPConfig(text_config=text, vision_config=vision, projection_dim=16))


def _feature_extractor() -> Any:
    from transformers import CLIPImageProcessor

    side = {"height": 32, "width": 32}
    return CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=side)


def _betas() -> dict[str, Any]:
    return {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def _pndm(kind: Any) -> Any:
    return kind(**_betas(), steps_offset=1, skip_prk_steps=True, set_alpha_to_one=False)


def _save(pipeline: Any, folder: Path) -> Path:
    """Both precisions beside each other, as the repositories have them."""
    import torch

    pipeline.save_pretrained(folder)
    for name in ("text_encoder", "text_encoder_2", "unet", "vae", "safety_checker"):
        part = getattr(pipeline, name, None)
        if part is not None:
            part.to(torch.float16).save_pretrained(folder / name, variant="fp16")
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    "sd15": make_sd,
    "sd-turbo": make_sd_turbo,
    "sdxl": make_sdxl,
    "sdxl-turbo": make_sdxl,
    "controlnet-scribble": make_controlnet,
    "taesd": make_taesd,
    "taesdxl": make_taesd,
    "triposr": make_triposr,
}


def publish(hub: Hub, name: str, folder: Path) -> None:
    """Put a miniature of a catalogue's model on a Hub, made in the folder."""
    card = CATALOGUE[name]
    hub.add(card.source, MAKERS[name](folder), str(card.revision))
