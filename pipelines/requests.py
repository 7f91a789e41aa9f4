"""What can be asked for, with the bounds that page, API and documentation share."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from models.errors import MaquetteError
from models.schedulers import SchedulerName
from pipelines.complaints import sentences
from pipelines.complaints import shorten as shorten
from pipelines.mesh_requests import Background as Background
from pipelines.mesh_requests import Finishing as Finishing
from pipelines.mesh_requests import Meshing as Meshing
from pipelines.request import MAX_SEED as MAX_SEED
from pipelines.request import REFERENCE_PATTERN as REFERENCE_PATTERN
from pipelines.request import WHOLE, Name, Reference, Whole
from pipelines.request import Request as Request

MAX_PROMPT = 2000
SIDE_STEP = 8  # pixels of a latent
CAPTURE_STEPS = (5, 10, 15, 20, 25)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _printable(value: object) -> object:
    """Replace control characters, which have no meaning in a prompt and harm a PNG's text."""
    return _CONTROL.sub(" ", value).strip() if isinstance(value, str) else value


def _as_steps(value: object) -> object:
    """Let a plain yes or no stand for the usual steps or none."""
    return (list(CAPTURE_STEPS) if value else []) if isinstance(value, bool) else value


def _in_order(steps: list[int]) -> list[int]:
    """Sort and free of repeats."""
    return sorted(set(steps))


def _in_steps(side: int) -> int:
    """Refuse what no model can draw, once it is within the limits, which are told first."""
    if side % SIDE_STEP:
        raise PydanticCustomError("multiple_of", "no multiple of {multiple_of}", {"multiple_of": SIDE_STEP})
    return side


Prompt = Annotated[str, BeforeValidator(_printable)]
Side = Annotated[
    int,
    Field(ge=64, le=2048, json_schema_extra={"multipleOf": SIDE_STEP}),
    WHOLE,
    AfterValidator(_in_steps),
]
Number = Annotated[int, Field(ge=1, le=8), WHOLE]
Strength = Annotated[float, Field(ge=0.01, le=1)]
Grown = Annotated[int, Field(ge=0, le=1024), WHOLE]


class Prompted(Request):
    """What any picture that a model draws needs."""

    prompt: Prompt = Field(min_length=1, max_length=MAX_PROMPT)
    negative_prompt: Prompt = Field("", max_length=MAX_PROMPT)
    model: Name = "starter"
    steps: Annotated[int, Field(ge=1, le=150), WHOLE] | None = None
    guidance_scale: Annotated[float, Field(ge=0, le=30)] | None = None
    scheduler: SchedulerName | None = None
    loras: Annotated[dict[Name, Annotated[float, Field(ge=-4, le=4)]], Field(max_length=8)] = {}
    seed: Annotated[int, Field(ge=0, le=MAX_SEED), WHOLE] | None = None
    capture_steps: Annotated[
        Annotated[
            list[Annotated[int, Field(ge=1, le=150), WHOLE]], Field(max_length=20), AfterValidator(_in_order)
        ]
        | None,
        BeforeValidator(_as_steps),
    ] = None


class Drawing(Prompted):
    """What any picture needs that takes its size from nothing else."""

    width: Side | None = None
    height: Side | None = None


class TextToImage(Drawing):
    """Words to one or several pictures."""

    kind: Literal["text_to_image"] = "text_to_image"
    num_images: Number = 1


class ImageToImage(Prompted):
    """A picture drawn anew, with or without words; `strength` is how much of it may change."""

    kind: Literal["image_to_image"] = "image_to_image"
    image: Reference
    prompt: Prompt = Field("", max_length=MAX_PROMPT)
    strength: Strength = 0.7
    num_images: Number = 1


class Inpaint(Prompted):
    """A part of a picture drawn anew: what is white in the mask, and what the picture is grown by."""

    kind: Literal["inpaint"] = "inpaint"
    image: Reference
    mask: Reference | None = None
    prompt: Prompt = Field("", max_length=MAX_PROMPT)
    strength: Strength | None = None  # None: 0.7, or 1 for a picture that is grown
    mask_blur: Whole = Field(4, ge=0, le=64)  # pixels over which the new part fades into the old
    grow_left: Grown = 0
    grow_right: Grown = 0
    grow_top: Grown = 0
    grow_bottom: Grown = 0
    num_images: Number = 1


class Upscale(Request):
    """A picture made larger, at once, or by a network of the user's own that spandrel can load."""

    kind: Literal["upscale"] = "upscale"
    image: Reference
    scale: Annotated[Literal[2, 4], WHOLE] = 2
    upscaler: Annotated[str, Field(min_length=1, max_length=128)] = "lanczos"


class Sketching(Drawing):
    """What a picture needs that is held to a sketch, with or without words.

    `temperature` is how freely the model may leave the lines: 0 hardly ever, 1 as soon as
    they have settled the shape.
    """

    prompt: Prompt = Field("", max_length=MAX_PROMPT)
    temperature: Annotated[float, Field(ge=0, le=1)] = 0.65


class SketchToImage(Sketching):
    """A sketch to one or several pictures."""

    kind: Literal["sketch_to_image"] = "sketch_to_image"
    image: Reference
    num_images: Number = 1


class ImageToMesh(Meshing):
    """One picture, named by its reference in the data folder, to a mesh."""

    kind: Literal["image_to_mesh"] = "image_to_mesh"
    image: Reference
    model: Name = "starter-mesh"


class TextToMesh(Drawing, Meshing):
    """Words to a picture, and the picture to a mesh."""

    kind: Literal["text_to_mesh"] = "text_to_mesh"
    mesh_model: Name = "starter-mesh"


class Remesh(Finishing):
    """The kept scene of an earlier mesh, by its job's key, to another mesh without asking the network."""

    kind: Literal["remesh"] = "remesh"
    source: Name


AnyRequest: TypeAlias = (
    TextToImage | SketchToImage | ImageToImage | Inpaint | Upscale | ImageToMesh | TextToMesh | Remesh
)
_AnyKind = Annotated[AnyRequest, Field(discriminator="kind")]


def parse_request(data: object) -> AnyRequest:
    """The request that a dictionary from outside describes.

    Raises:
        MaquetteError: BAD_REQUEST naming the field, its value and the limit.
    """
    if not isinstance(data, dict):
        raise MaquetteError("BAD_REQUEST", f"request: {shorten(data)} is not an object of named fields")
    try:
        request: AnyRequest = TypeAdapter(_AnyKind).validate_python(data)
    except ValidationError as error:
        raise MaquetteError("BAD_REQUEST", "; ".join(sentences(error))) from None
    return request
