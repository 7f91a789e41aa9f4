"""What is known of one model before it is chosen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.schedulers import SchedulerName

Task = Literal[
    "image",
    "mesh",
    "background",
    "control",  # a ControlNet for image models of its family
    "preview",  # a tiny autoencoder for image models of its family
    "adapter",  # a LoRA for image models of its family
    "safety",  # the checker that image models of its family name
]
Family = Literal["sd", "sdxl", "tsr", "rembg"]
Layout = Literal[
    "folder",  # one that `from_pretrained` of the family's library reads
    "single file",  # a checkpoint in the original layout
    "openvino",  # a folder of OpenVINO's networks
]


@dataclass(frozen=True)
class ModelCard:
    """One model: what it is for, where its weights come from, and how it likes to be run."""

    name: str
    title: str
    task: Task
    family: Family
    source: str  # a repository of the Hugging Face Hub, a file's address, or a folder of the starter set
    revision: str | None  # commit or branch of the repository; None for what was never to be fetched
    licence: str
    size_bytes: int  # of the download; to the byte where it is one file
    good_at: str
    memory_bytes: int = 0  # in half precision at its native size; float32 takes up to twice that
    layout: Layout = "folder"
    native_size: int = 0  # side in pixels of the pictures that it draws or reads
    largest_size: int = 0  # longest side in pixels that it draws a given picture at
    multiple_of: int = 8  # sides must be multiples of this
    default_steps: int = 0
    default_guidance: float = 0.0
    guidance_rescale: float = 0.0
    scheduler: SchedulerName | None = None  # None: the one that comes with it
    control: str = ""  # the ControlNet by which it follows sketches
    live: str = ""  # the quick model that draws in its place while a sketch is being made
    preview: str = ""  # the tiny autoencoder that shows its latents; empty: its family's
    parts_of: str = ""  # the model whose other parts it takes: its own are UNet and scheduler alone
    variant: str | None = None  # which of the repository's precisions, "fp16"
    files: tuple[str, ...] = ()
    sha256: tuple[tuple[str, str], ...] = ()  # of the weights that come with Maquette, by their names
    md5: str = ""  # of a model that is one file at an address
    cpu_dtype: Literal["auto", "float32"] = "auto"
    path: Path | None = None  # where the user keeps it; then nothing is fetched

    @property
    def shipped(self) -> bool:
        """Whether the weights come with Maquette."""
        return self.revision is None and self.path is None
