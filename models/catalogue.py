"""The models that Maquette knows, with what a user wants to know before choosing one."""

from collections.abc import Callable, Mapping

from models.card import Family, Layout, ModelCard, Task
from models.errors import MaquetteError
from models.starter_cards import STARTER_CARDS

__all__ = ["CATALOGUE", "Family", "FindCard", "Layout", "ModelCard", "Task", "find_card"]

FindCard = Callable[[str, Task], ModelCard]  # raises BAD_REQUEST for an unknown name

_PIPELINE_FILES = (
    "*.json",
    "*.txt",
    "text_encoder*/model.fp16.safetensors",
    "unet/*.fp16.safetensors",
    "vae/*.fp16.safetensors",
)

_PART_FILES = ("config.json", "diffusion_pytorch_model.safetensors")


def _background_card(
    name: str, title: str, *, size_bytes: int, memory_bytes: int, good_at: str, native_size: int, md5: str
) -> ModelCard:
    """One of the networks that rembg publishes, each a single file under its own name."""
    return ModelCard(
        name=name,
        title=title,
        task="background",
        family="rembg",
        source=f"https://github.com/danielgatis/rembg/releases/download/v0.0.0/{name}.onnx",
        revision="v0.0.0",
        licence="Apache-2.0",
        size_bytes=size_bytes,
        memory_bytes=memory_bytes,
        good_at=good_at,
        native_size=native_size,
        files=(f"{name}.onnx",),
        md5=md5,
    )


_FETCHED_CARDS = (
    ModelCard(
        name="sd15",
        title="Stable Diffusion 1.5",
        task="image",
        family="sd",
        source="stable-diffusion-v1-5/stable-diffusion-v1-5",
        revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
        licence="CreativeML OpenRAIL-M",
        size_bytes=2_134_000_000,
        memory_bytes=4_000_000_000,
        good_at="anything, at 512 pixels; the best choice for a small graphics card",
        native_size=512,
        largest_size=768,
        default_steps=25,
        default_guidance=7.5,
        scheduler="DPM++ 2M Karras",
        control="controlnet-scribble",
        variant="fp16",
        files=_PIPELINE_FILES,
    ),
    ModelCard(
        name="sdxl",
        title="Stable Diffusion XL",
        task="image",
        family="sdxl",
        source="stabilityai/stable-diffusion-xl-base-1.0",
        revision="462165984030d82259a11f4367a4eed129e94a7b",
        licence="CreativeML Open RAIL++-M",
        size_bytes=6_941_000_000,
        memory_bytes=10_000_000_000,
        good_at="anything, at 1024 pixels; wants 10 GB of graphics memory",
        native_size=1024,
        largest_size=1024,
        default_steps=25,
        default_guidance=6.0,
        variant="fp16",
        files=_PIPELINE_FILES,
    ),
    ModelCard(
        name="sd-turbo",
        title="SD-Turbo",
        task="image",
        family="sd",
        source="stabilityai/sd-turbo",
        revision="b261bac6fd2cf515557d5d0707481eafa0485ec2",
        licence="Stability AI Community",
        size_bytes=2_582_000_000,
        memory_bytes=4_000_000_000,
        good_at="anything, at 512 pixels in 1 to 4 steps; live drawing",
        native_size=512,
        largest_size=768,
        default_steps=4,
        default_guidance=0.0,
        variant="fp16",
        files=_PIPELINE_FILES,
    ),
    ModelCard(
        name="sdxl-turbo",
        title="SDXL-Turbo",
        task="image",
        family="sdxl",
        source="stabilityai/sdxl-turbo",
        revision="71153311d3dbb46851df1931d3ca6e939de83304",
        licence="Stability AI Non-Commercial Community",
        size_bytes=6_941_000_000,
        memory_bytes=8_000_000_000,
        good_at="anything, at 512 pixels in 1 to 4 steps, truer to the prompt than SD-Turbo",
        native_size=512,
        largest_size=1024,
        default_steps=4,
        default_guidance=0.0,
        variant="fp16",
        files=_PIPELINE_FILES,
    ),
    ModelCard(
        name="sd15-int8-ov",
        title="Stable Diffusion 1.5 for OpenVINO, int8",
        task="image",
        family="sd",
        source="OpenVINO/stable-diffusion-v1-5-int8-ov",
        revision="main",  # its commit is written down at the download
        licence="CreativeML OpenRAIL-M",
        size_bytes=1_080_000_000,  # a byte for each of its parameters; the Hub tells the very size
        memory_bytes=3_000_000_000,
        good_at="anything, at 512 pixels on Intel processors without a graphics card",
        layout="openvino",
        native_size=512,
        largest_size=768,
        default_steps=25,
        default_guidance=7.5,
        scheduler="DPM++ 2M Karras",
        files=(
            "*.json",
            "tokenizer/*.txt",
            *(f"{part}/openvino_model.*" for part in ("text_encoder", "unet", "vae_decoder", "vae_encoder")),
        ),
    ),
    ModelCard(
        name="lcm-lora-sd15",
        title="LCM-LoRA for Stable Diffusion 1.5",
        task="adapter",
        family="sd",
        source="latent-consistency/lcm-lora-sdv1-5",
        revision="cf2fced511dbe7e26c8d1d397e728fbab875db4b",
        licence="OpenRAIL++",
        size_bytes=134_621_556,
        memory_bytes=140_000_000,
        good_at="Stable Diffusion 1.5 in 4 steps instead of 25",
        native_size=512,
        default_steps=4,
        default_guidance=1.0,
        scheduler="LCM",
        files=("pytorch_lora_weights.safetensors",),
    ),
    ModelCard(
        name="controlnet-scribble",
        title="ControlNet for scribbles, Stable Diffusion 1.5",
        task="control",
        family="sd",
        source="lllyasviel/sd-controlnet-scribble",
        revision="864edcd5ccc6ee2695eeebea5b4512100c83e7b3",
        licence="OpenRAIL",
        size_bytes=1_445_158_000,
        memory_bytes=750_000_000,
        good_at="pictures that follow a drawing",
        native_size=512,
        default_steps=30,
        default_guidance=7.5,
        scheduler="Euler a",
        files=_PART_FILES,
    ),
    ModelCard(
        name="taesd",
        title="TAESD",
        task="preview",
        family="sd",
        source="madebyollin/taesd",
        revision="614f76814bbe30edbe2e627ace1c2234c81a2c0e",
        licence="MIT",
        size_bytes=9_794_000,
        memory_bytes=100_000_000,
        good_at="sharp previews of Stable Diffusion 1.5 while it draws",
        native_size=512,
        files=_PART_FILES,
    ),
    ModelCard(
        name="taesdxl",
        title="TAESDXL",
        task="preview",
        family="sdxl",
        source="madebyollin/taesdxl",
        revision="b20258aaef75ef61e659c1e0f14f251cf0ad153e",
        licence="MIT",
        size_bytes=9_794_000,
        memory_bytes=200_000_000,
        good_at="sharp previews of Stable Diffusion XL while it draws",
        native_size=1024,
        files=_PART_FILES,
    ),
    ModelCard(
        name="sd15-safety",
        title="Safety checker of Stable Diffusion 1.5",
        task="safety",
        family="sd",
        source="stable-diffusion-v1-5/stable-diffusion-v1-5",
        revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
        licence="CreativeML OpenRAIL-M",
        size_bytes=608_000_000,
        memory_bytes=1_300_000_000,
        good_at="finding pictures that are not for everybody, with --safety blur or block",
        files=(
            "safety_checker/config.json",
            "safety_checker/model.fp16.safetensors",
            "feature_extractor/preprocessor_config.json",
        ),
    ),
    ModelCard(
        name="triposr",
        title="TripoSR",
        task="mesh",
        family="tsr",
        source="stabilityai/TripoSR",
        revision="5b521936b01fbe1890f6f9baed0254ab6351c04a",
        licence="MIT",
        size_bytes=1_677_248_000,
        memory_bytes=6_000_000_000,
        good_at="meshes of any single object",
        native_size=512,
        files=("config.yaml", "model.ckpt"),
    ),
    _background_card(
        "u2net",
        "U-2-Net background removal",
        size_bytes=175_997_641,
        memory_bytes=1_000_000_000,
        good_at="cutting the object out of any photograph",
        native_size=320,
        md5="60024c5c889badc19c04ad937298a77b",
    ),
    _background_card(
        "u2netp",
        "U-2-Net background removal, small",
        size_bytes=4_574_861,
        memory_bytes=300_000_000,
        good_at="cutting the object out of a simple photograph, with a small download",
        native_size=320,
        md5="8e83ca70e441ab06c318d82300c84806",
    ),
    _background_card(
        "isnet-general-use",
        "IS-Net background removal",
        size_bytes=178_648_008,
        memory_bytes=1_500_000_000,
        good_at="cutting out fine parts: handles, legs, leaves",
        native_size=1024,
        md5="fc16ebd8b0c10d971d3513d564d01e29",
    ),
)
CATALOGUE: dict[str, ModelCard] = {card.name: card for card in (*STARTER_CARDS, *_FETCHED_CARDS)}


def find_card(name: str, task: Task | None = None, cards: Mapping[str, ModelCard] = CATALOGUE) -> ModelCard:
    """The card of a model.

    Raises:
        MaquetteError: BAD_REQUEST naming the known models, for another name or a model of another task.
    """
    known = [card.name for card in cards.values() if task is None or card.task == task]
    if name not in known:
        raise MaquetteError("BAD_REQUEST", f"model: {name[:80]!r} is not one of {', '.join(known)}")
    return cards[name]
