"""What a mesh can be asked to be: its surface, its finish, its files, and how its picture is read."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pipelines.complaints import shorten
from pipelines.request import WHOLE, Reference, Request, Whole

Background = Literal[
    "auto", "keep", "fill", "rembg", "u2net", "u2netp", "isnet-general-use", "starter-background"
]
Texture = Literal["vertex", "texture", "photo"]
Format = Literal["glb", "obj", "stl", "ply", "3mf"]
TextureFormat = Literal["png", "jpeg"]
Objects = Literal["one", "each"]


def _glb_first(formats: list[Format]) -> list[Format]:
    """Free of repeats and with the GLB, which the viewer needs, at the head."""
    return list(dict.fromkeys(["glb", *formats]))


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_TAKEN = re.compile(r"preview|cutout|turntable|(?:image|object|scene|step|live)-.*")


def is_file_name(name: str) -> bool:
    """Whether a mesh's files can have this name, their suffix aside, beside a job's other files."""
    return _PLAIN.fullmatch(name) is not None and _TAKEN.fullmatch(name) is None


def _file_name(name: str) -> str:
    """Refuse a name that files cannot have."""
    if not is_file_name(name):
        text = "{value} is not 1 to 64 of A-Z a-z 0-9 _ -, or is the name of another file"
        raise PydanticCustomError("file_name", text, {"value": shorten(name)})
    return name


class Finishing(Request):
    """All that can be changed without asking the network again."""

    resolution: Whole = Field(256, ge=16, le=512)
    threshold: float = Field(25.0, gt=0, le=1000)
    exact: bool = False
    remove_floaters: float = Field(0.02, ge=0, le=1)  # share of the volume; 0 keeps all
    fill_holes: bool = False
    smoothing: float = Field(0.0, ge=0, le=1)
    target_faces: Annotated[int, Field(ge=100, le=1_000_000), WHOLE] | None = None
    texture: Texture = "vertex"
    texture_size: Annotated[Literal[512, 1024, 2048, 4096], WHOLE] = 1024
    texture_format: TextureFormat = "png"
    formats: Annotated[list[Format], Field(max_length=5), AfterValidator(_glb_first)] = ["glb"]
    print_height_mm: Annotated[float, Field(ge=5, le=2000)] | None = None
    print_density_g_cm3: float = Field(1.24, gt=0, le=25)  # PLA
    turntable: bool = False
    file_name: Annotated[str, AfterValidator(_file_name)] = "mesh"  # of all files, before their suffix


class Meshing(Finishing):
    """What any mesh made from a picture needs."""

    background: Background = "auto"
    mask: Reference | None = None  # white is object; it takes the background's place
    foreground_ratio: float = Field(0.85, ge=0.5, le=1.0)
    objects: Objects = "one"
