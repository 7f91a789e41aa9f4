"""What can be asked for, with the bounds that page, API and documentation share."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from models.errors import MaquetteError
from models.schedulers import SchedulerName
from pipelines.complaints import sentences
from pipelines.complaints import shorten as shorten
from pipelines.mesh_requests import Background as Background
from pipelines.mesh_requests import Finishing as Finishing
from pipelines.mesh_requests import Meshing as Meshing
from pipelines.request import MAX_SEED as MAX_SEED
from pipelines.request import REFERENCE_PATTERN as REFERENCE_PATTERN
from pipelines.request import Name, Reference, Whole
from pipelines.request import Request as Request

MAX_PROMPT = 2000
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


Prompt = Annotated[str, BeforeValidator(_printable)]
Side = Annotated[Whole, Field(ge=64, le=2048, multiple_of=8)]


class Drawing(Request):
    """What any picture made from words needs."""

    prompt: Prompt = Field(min_length=1, max_length=MAX_PROMPT)
    negative_prompt: Prompt = Field("", max_length=MAX_PROMPT)
    model: Name = "starter"
    width: Side | None = None
    height: Side | None = None
    steps: Annotated[Whole, Field(ge=1, le=150)] | None = None
    guidance_scale: Annotated[float, Field(ge=0, le=30)] | None = None
    scheduler: SchedulerName | None = None
    seed: Annotated[Whole, Field(ge=0, le=MAX_SEED)] | None = None
    capture_steps: Annotated[
        Annotated[
            list[Annotated[Whole, Field(ge=1, le=150)]], Field(max_length=20), AfterValidator(_in_order)
        ]
        | None,
        BeforeValidator(_as_steps),
    ] = None


class TextToImage(Drawing):
    """Words to one or several pictures."""

    kind: Literal["text_to_image"] = "text_to_image"
    num_images: Whole = Field(1, ge=1, le=8)


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


AnyRequest: TypeAlias = TextToImage | ImageToMesh | TextToMesh | Remesh
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
