"""Tiny random checkpoints in the starter set's formats, made in a second, so that tests need no weights."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

    from tsr.network import TSR

CHANNELS, FACTOR, SIDE = 8, 16, 64
SCHEDULE: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
    "set_alpha_to_one": True,
}


def make_starter(folder: Path, seed: int = 0) -> Path:
    """A starter folder with all its parts, of random weights; returns the folder."""
    make_control(folder / "control", make_pictures(folder / "pictures", seed))
    make_meshes(folder / "meshes", seed)
    make_fast(folder / "fast", seed + 1)
    make_previews(folder / "previews", seed)
    make_background(folder / "background" / "matting.onnx")
    return folder


def make_pictures(folder: Path, seed: int = 0) -> Path:
    """A StableDiffusionPipeline of 64 px pictures: factor 16, 8 latent channels, v-prediction, zero SNR."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(seed)
    tokenizer = make_tokenizer(folder / "tokenizer")
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=77,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 5,
        up_block_types=("UpDecoderBlock2D",) * 5,
        block_out_channels=(8, 8, 8, 8, 8),
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=4,
        sample_size=SIDE,
        scaling_factor=1.0,
    )
    unet = make_unet()
    scheduler = DDIMScheduler(**SCHEDULE, clip_sample=False)
    pipeline: Any = StableDiffusionPipeline(
        vae, text, tokenizer, unet, scheduler, None, None, requires_safety_checker=False
    )
    parts: list[Any] = [vae, text, unet]
    for part in parts:
        part.to(torch.float16)
    pipeline.save_pretrained(folder, safe_serialization=True)
    factors = torch.randn(CHANNELS, 3, generator=torch.Generator().manual_seed(seed)) / 3
    linear = {"factors": factors.tolist(), "bias": [0.1, 0.0, -0.1]}
    (folder / "latent_rgb.json").write_text(json.dumps(linear))
    return folder


def make_fast(folder: Path, seed: int = 0) -> Path:
    """A smaller UNet for those pictures, and the scheduler of latent consistency models; nothing else."""
    import torch
    from diffusers import LCMScheduler

    torch.manual_seed(seed)
    make_unet(middle=None).half().save_pretrained(folder / "unet")
    LCMScheduler(**SCHEDULE).save_pretrained(folder / "scheduler")
    return folder


def make_previews(folder: Path, seed: int = 0) -> Path:
    """An AutoencoderTiny for those pictures' latents."""
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(seed)
    tiny = AutoencoderTiny(
        encoder_block_out_channels=(8,) * 5,
        decoder_block_out_channels=(8,) * 5,
        num_encoder_blocks=(1,) * 5,
        num_decoder_blocks=(1,) * 5,
        latent_channels=CHANNELS,
    )
    tiny.half().save_pretrained(folder)
    return folder


def make_background(file: Path, side: int = 320) -> Path:
    """In ONNX the mean of the channels as a mask: pictures [1, 3, side, side] -> [1, 1, side, side]."""
    import onnx
    from onnx import TensorProto, helper

    mean = helper.make_node("ReduceMean", ["picture", "axes"], ["mask"], keepdims=1)
    graph = helper.make_graph(
        [mean],
        "bright",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, side, side])],
        [helper.make_tensor("axes", TensorProto.INT64, [1], [1])],
    )
    file.parent.mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), file)
    return file


def make_unet(text_width: int = 32, middle: str | None = "UNetMidBlock2DCrossAttn") -> Any:
    """A UNet for texts of so many numbers a word, with or without a middle."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=SIDE // FACTOR,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        mid_block_type=middle,
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=8,
        cross_attention_dim=text_width,
    )


def make_control(folder: Path, pictures: Path) -> Path:
    """A ControlNet for those pictures that changes them: the layers that start as zeros are random."""
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(pictures / "unet")
    control = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(4, 4, 4, 4, 4))
    for layer in (
        *control.controlnet_down_blocks,
        control.controlnet_mid_block,
        control.controlnet_cond_embedding.conv_out,
    ):
        torch.nn.init.normal_(layer.weight)
    control.half().save_pretrained(folder)
    return folder


def make_tokenizer(folder: Path) -> "CLIPTokenizer":
    """A CLIPTokenizer of single bytes, so that any Unicode prompt works."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    alphabet = sorted(ByteLevel.alphabet())
    tokens = alphabet + [letter + "</w>" for letter in alphabet] + ["<|startoftext|>", "<|endoftext|>"]
    vocab = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=77
    )


def make_meshes(folder: Path, seed: int = 0) -> Path:
    """A small TSR of random weights that has a surface."""
    import torch

    from tsr.config import TSRConfig
    from tsr.network import TSR

    torch.manual_seed(seed)
    model = TSR(
        TSRConfig(
            cond_image_size=32,
            vit_hidden=32,
            vit_layers=1,
            vit_heads=2,
            vit_mlp=64,
            vit_image_size=32,
            vit_patch=16,
            plane_size=4,
            channels=32,
            heads=2,
            head_dim=16,
            layers=1,
            plane_channels=8,
            decoder_width=16,
            decoder_layers=2,
        )
    )
    _give_a_surface(model)
    model.save_pretrained(folder, torch.float16)
    return folder


def _give_a_surface(model: "TSR") -> None:
    """Scale and shift the raw density so that a fifth of the box is inside at the published threshold."""
    import torch
    from PIL import Image

    code = model.encode([Image.new("RGB", (32, 32), "grey")])[0]
    points = (torch.rand(2000, 3) * 2 - 1) * model.config.radius
    with torch.no_grad():
        raw = model.query(code, points).raw_density
        last: Any = list(model.decoder.layers)[-1]
        gain = 3 / raw.std()
        last.weight[0] *= gain
        last.bias[0] = gain * (last.bias[0] - raw.quantile(0.8)) + 4.2189
