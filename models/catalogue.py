"""The models that Maquette knows, with what a user wants to know before choosing one."""

from dataclasses import dataclass
from typing import Literal

from models.errors import MaquetteError
from models.schedulers import SchedulerName

Task = Literal[
    "image",
    "mesh",
    "background",
    "control",  # a ControlNet for image models of its family
    "preview",  # a tiny autoencoder for image models of its family
    "adapter",  # a LoRA for image models of its family
]
Family = Literal["sd", "sdxl", "tsr", "rembg"]


@dataclass(frozen=True)
class ModelCard:
    """One model: what it is for, where its weights come from, and how it likes to be run."""

    name: str
    title: str
    task: Task
    family: Family
    source: str  # a repository of the Hugging Face Hub, a file's address, or a folder of the starter set
    revision: str | None  # commit of the repository; None for what ships with Maquette
    licence: str
    size_bytes: int
    good_at: str
    native_size: int = 0  # side in pixels of the pictures that it draws or reads
    largest_size: int = 0  # longest side in pixels that it draws a given picture at
    multiple_of: int = 8  # sides must be multiples of this
    default_steps: int = 0
    default_guidance: float = 0.0
    guidance_rescale: float = 0.0
    scheduler: SchedulerName | None = None  # None: the one that comes with it
    control: str = ""  # the ControlNet by which it follows sketches
    variant: str | None = None  # which of the repository's precisions, "fp16"
    files: tuple[str, ...] = ()
    md5: str = ""  # of a model that is one file at an address
    cpu_dtype: Literal["auto", "float32"] = "auto"

    @property
    def shipped(self) -> bool:
        """Whether the weights come with Maquette."""
        return self.revision is None and "/" not in self.source


_PIPELINE_FILES = (
    "*.json",
    "*.txt",
    "text_encoder*/model.fp16.safetensors",
    "unet/*.fp16.safetensors",
    "vae/*.fp16.safetensors",
)


def _background_card(
    name: str, title: str, *, size_bytes: int, good_at: str, native_size: int, md5: str
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
        good_at=good_at,
        native_size=native_size,
        files=(f"{name}.onnx",),
        md5=md5,
    )


_CARDS = (
    ModelCard(
        name="starter",
        title="Starter pictures",
        task="image",
        family="sd",
        source="pictures",
        revision=None,
        licence="Apache-2.0",
        size_bytes=43_230_000,
        good_at="simple toys in plain colours, at once and on any machine",
        native_size=256,
        largest_size=256,
        multiple_of=16,
        default_steps=20,
        default_guidance=3.0,
        control="starter-scribble",
        files=("model_index.json", "latent_rgb.json", "*/*.json", "*/*.safetensors"),
    ),
    ModelCard(
        name="starter-scribble",
        title="Starter sketches",
        task="control",
        family="sd",
        source="control",
        revision=None,
        licence="Apache-2.0",
        size_bytes=8_580_000,
        good_at="holding the starter's pictures to a drawing",
        native_size=256,
        default_steps=20,
        default_guidance=3.0,
        files=("config.json", "diffusion_pytorch_model.safetensors"),
    ),
    ModelCard(
        name="starter-mesh",
        title="Starter meshes",
        task="mesh",
        family="tsr",
        source="meshes",
        revision=None,
        licence="Apache-2.0",
        size_bytes=10_357_000,
        good_at="meshes of the starter's toys, in seconds on any machine",
        native_size=128,
        files=("config.yaml", "model.safetensors"),
        cpu_dtype="float32",
    ),
    ModelCard(
        name="sd15",
        title="Stable Diffusion 1.5",
        task="image",
        family="sd",
        source="stable-diffusion-v1-5/stable-diffusion-v1-5",
        revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
        licence="CreativeML OpenRAIL-M",
        size_bytes=2_135_000_000,
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
        name="controlnet-scribble",
        title="ControlNet for scribbles, Stable Diffusion 1.5",
        task="control",
        family="sd",
        source="lllyasviel/sd-controlnet-scribble",
        revision="864edcd5ccc6ee2695eeebea5b4512100c83e7b3",
        licence="OpenRAIL",
        size_bytes=1_445_158_000,
        good_at="pictures that follow a drawing",
        native_size=512,
        default_steps=30,
        default_guidance=7.5,
        scheduler="Euler a",
        files=("config.json", "diffusion_pytorch_model.safetensors"),
    ),
    ModelCard(
        name="sdxl",
        title="Stable Diffusion XL",
        task="image",
        family="sdxl",
        source="stabilityai/stable-diffusion-xl-base-1.0",
        revision="462165984030d82259a11f4367a4eed129e94a7b",
        licence="CreativeML Open RAIL++-M",
        size_bytes=6_940_000_000,
        good_at="anything, at 1024 pixels; wants 10 GB of graphics memory",
        native_size=1024,
        largest_size=1024,
        default_steps=30,
        default_guidance=6.0,
        variant="fp16",
        files=_PIPELINE_FILES,
    ),
    ModelCard(
        name="triposr",
        title="TripoSR",
        task="mesh",
        family="tsr",
        source="stabilityai/TripoSR",
        revision="5b521936b01fbe1890f6f9baed0254ab6351c04a",
        licence="MIT",
        size_bytes=1_677_250_000,
        good_at="meshes of any single object",
        native_size=512,
        files=("config.yaml", "model.ckpt"),
    ),
    _background_card(
        "u2net",
        "U-2-Net background removal",
        size_bytes=176_000_000,
        good_at="cutting the object out of any photograph",
        native_size=320,
        md5="60024c5c889badc19c04ad937298a77b",
    ),
    _background_card(
        "u2netp",
        "U-2-Net background removal, small",
        size_bytes=4_600_000,
        good_at="cutting the object out of a simple photograph, with a small download",
        native_size=320,
        md5="8e83ca70e441ab06c318d82300c84806",
    ),
    _background_card(
        "isnet-general-use",
        "IS-Net background removal",
        size_bytes=179_000_000,
        good_at="cutting out fine parts: handles, legs, leaves",
        native_size=1024,
        md5="fc16ebd8b0c10d971d3513d564d01e29",
    ),
)
CATALOGUE: dict[str, ModelCard] = {card.name: card for card in _CARDS}


def find_card(name: str, task: Task | None = None) -> ModelCard:
    """The card of a model.

    Raises:
        MaquetteError: BAD_REQUEST naming the known models, for another name or a model of another task.
    """
    known = [card.name for card in _CARDS if task is None or card.task == task]
    if name not in known:
        raise MaquetteError("BAD_REQUEST", f"model: {name[:80]!r} is not one of {', '.join(known)}")
    return CATALOGUE[name]
