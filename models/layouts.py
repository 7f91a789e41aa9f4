"""The numbers of the networks whose checkpoints come as one file without any: Stable Diffusion 1.5 and XL."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Config = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    """A pipeline's parts, by the class that each of them is, and their configs."""

    pipeline: str
    classes: dict[str, tuple[str, str]]
    configs: dict[str, Config]
    tokenizers: dict[str, str]  # by folder, the token with which short prompts are filled up

    def write(self, folder: Path) -> None:
        """Make a folder in diffusers' layout, all but weights and the tokenizers' own files."""
        nothing = dict.fromkeys(("safety_checker", "feature_extractor", "image_encoder"), (None, None))
        index = {"_class_name": self.pipeline, "requires_safety_checker": False} | nothing | self.classes
        if "XL" in self.pipeline:
            del index["safety_checker"], index["requires_safety_checker"]
        _write(folder / "model_index.json", index)
        for part, config in self.configs.items():
            name = "scheduler_config.json" if part == "scheduler" else "config.json"
            _write(folder / part / name, {"_class_name": self.classes[part][1]} | config)
        for part, padding in self.tokenizers.items():
            _write(folder / part / "tokenizer_config.json", _TOKENIZER | {"pad_token": padding})


def _write(path: Path, content: Config) -> None:
    """Write JSON, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2))


_END = "<|endoftext|>"
_TOKENIZER = {
    "tokenizer_class": "CLIPTokenizer",
    "model_max_length": 77,
    "bos_token": "<|startoftext|>",
    "eos_token": _END,
    "unk_token": _END,
    "add_prefix_space": False,
}
_BETAS = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
    "steps_offset": 1,
}
_CLIP_L = {
    "model_type": "clip_text_model",
    "vocab_size": 49408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": 77,
    "hidden_act": "quick_gelu",
    "layer_norm_eps": 1e-5,
    "projection_dim": 768,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "pad_token_id": 1,
}
_CLIP_G = _CLIP_L | {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "hidden_act": "gelu",
    "projection_dim": 1280,
}
_VAE = {
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
}
_UNET = {"in_channels": 4, "out_channels": 4, "layers_per_block": 2, "norm_num_groups": 32}

SD15 = Layout(
    pipeline="StableDiffusionPipeline",
    classes={
        "scheduler": ("diffusers", "PNDMScheduler"),
        "text_encoder": ("transformers", "CLIPTextModel"),
        "tokenizer": ("transformers", "CLIPTokenizer"),
        "unet": ("diffusers", "UNet2DConditionModel"),
        "vae": ("diffusers", "AutoencoderKL"),
    },
    configs={
        "scheduler": _BETAS | {"skip_prk_steps": True, "set_alpha_to_one": False, "clip_sample": False},
        "text_encoder": _CLIP_L,
        "unet": _UNET
        | {
            "sample_size": 64,
            "block_out_channels": [320, 640, 1280, 1280],
            "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
            "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
            "attention_head_dim": 8,
            "cross_attention_dim": 768,
        },
        "vae": _VAE | {"sample_size": 512, "scaling_factor": 0.18215},
    },
    tokenizers={"tokenizer": _END},
)

SDXL = Layout(
    pipeline="StableDiffusionXLPipeline",
    classes={
        "scheduler": ("diffusers", "EulerDiscreteScheduler"),
        "text_encoder": ("transformers", "CLIPTextModel"),
        "text_encoder_2": ("transformers", "CLIPTextModelWithProjection"),
        "tokenizer": ("transformers", "CLIPTokenizer"),
        "tokenizer_2": ("transformers", "CLIPTokenizer"),
        "unet": ("diffusers", "UNet2DConditionModel"),
        "vae": ("diffusers", "AutoencoderKL"),
    },
    configs={
        "scheduler": _BETAS | {"timestep_spacing": "leading"},
        "text_encoder": _CLIP_L,
        "text_encoder_2": _CLIP_G,
        "unet": _UNET
        | {
            "sample_size": 128,
            "block_out_channels": [320, 640, 1280],
            "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
            "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
            "transformer_layers_per_block": [1, 2, 10],
            "attention_head_dim": [5, 10, 20],
            "cross_attention_dim": 2048,
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        },
        "vae": _VAE | {"sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True},
    },
    tokenizers={"tokenizer": _END, "tokenizer_2": "!"},
)
LAYOUTS = {"sd": SD15, "sdxl": SDXL}
