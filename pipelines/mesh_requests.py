"""What a mesh can be asked to be: its surface, its finish, its files, and how its picture is read."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from pipelines.request import Reference, Request, Whole, whole

Background = Literal["auto", "keep", "fill", "rembg", "u2net", "u2netp", "isnet-general-use"]
Texture = Literal["vertex", "texture", "photo"]
Format = Literal["glb", "obj", "stl", "ply", "3mf"]
TextureFormat = Literal["png", "jpeg"]
Objects = Literal["one", "each"]


def _glb_first(formats: list[Format]) -> list[Format]:
    """Free of repeats and with the GLB, which the viewer needs, at the head."""
    return list(dict.fromkeys(["glb", *formats]))


class Finishing(Request):
    """All that can be changed without asking the network again."""

    resolution: Whole = Field(256, ge=16, le=512)
    threshold: float = Field(25.0, gt=0, le=1000)
    exact: bool = False
    remove_floaters: float = Field(0.02, ge=0, le=1)  # share of the volume; 0 keeps all
    fill_holes: bool = False
    smoothing: float = Field(0.0, ge=0, le=1)
    target_faces: Annotated[Whole, Field(ge=100, le=1_000_000)] | None = None
    texture: Texture = "vertex"
    texture_size: Annotated[Literal[512, 1024, 2048, 4096], BeforeValidator(whole)] = 1024
    texture_format: TextureFormat = "png"
    formats: Annotated[list[Format], Field(max_length=5), AfterValidator(_glb_first)] = ["glb"]
    print_height_mm: Annotated[float, Field(ge=5, le=2000)] | None = None
    print_density_g_cm3: float = Field(1.24, gt=0, le=25)  # PLA
    turntable: bool = False


class Meshing(Finishing):
    """What any mesh made from a picture needs."""

    background: Background = "auto"
    mask: Reference | None = None  # white is object; it takes the background's place
    foreground_ratio: float = Field(0.85, ge=0.5, le=1.0)
    objects: Objects = "one"
