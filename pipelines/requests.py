"""What can be asked for, with the bounds that page, API and documentation share."""

import re
import secrets
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from models.errors import MaquetteError

MAX_PROMPT = 2000
MAX_SEED = 2**32 - 1
CAPTURE_STEPS = (5, 10, 15, 20, 25)
_KEY = r"\.*[A-Za-z0-9_-][A-Za-z0-9._-]*"
REFERENCE_PATTERN = rf"^(?:inputs/[0-9a-f]{{64}}\.png|artifacts/{_KEY}/[A-Za-z0-9_-][A-Za-z0-9._-]*\.png)$"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHOWN = 80


def _whole(value: object) -> object:
    """Let a page's 20.0 pass for 20; everything else is left for the strict check."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _printable(value: object) -> object:
    """Replace control characters, which have no meaning in a prompt and harm a PNG's text."""
    return _CONTROL.sub(" ", value).strip() if isinstance(value, str) else value


def _as_steps(value: object) -> object:
    """Let a plain yes or no stand for the usual steps or none."""
    return (list(CAPTURE_STEPS) if value else []) if isinstance(value, bool) else value


def _in_order(steps: list[int]) -> list[int]:
    """Sort and free of repeats."""
    return sorted(set(steps))


Whole = Annotated[int, BeforeValidator(_whole)]
Prompt = Annotated[str, BeforeValidator(_printable)]
Side = Annotated[Whole, Field(ge=64, le=2048, multiple_of=8)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Background = Literal["auto", "keep", "fill", "rembg"]


class Request(BaseModel):
    """The common ground of all requests: strict types, no unknown fields, never changed once made."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    def with_seed(self) -> Self:
        """The same request with a seed drawn at random where one is wanted and none was given."""
        if "seed" not in type(self).model_fields or getattr(self, "seed", None) is not None:
            return self
        return self.model_copy(update={"seed": secrets.randbelow(MAX_SEED + 1)})


class Drawing(Request):
    """What any picture made from words needs."""

    prompt: Prompt = Field(min_length=1, max_length=MAX_PROMPT)
    negative_prompt: Prompt = Field("", max_length=MAX_PROMPT)
    model: Name = "starter"
    width: Side | None = None
    height: Side | None = None
    steps: Annotated[Whole, Field(ge=1, le=150)] | None = None
    guidance_scale: Annotated[float, Field(ge=0, le=30)] | None = None
    seed: Annotated[Whole, Field(ge=0, le=MAX_SEED)] | None = None
    capture_steps: Annotated[
        Annotated[
            list[Annotated[Whole, Field(ge=1, le=150)]], Field(max_length=20), AfterValidator(_in_order)
        ]
        | None,
        BeforeValidator(_as_steps),
    ] = None


class Meshing(Request):
    """What any mesh made from a picture needs."""

    background: Background = "auto"
    foreground_ratio: float = Field(0.85, ge=0.5, le=1.0)
    resolution: Whole = Field(256, ge=16, le=512)
    threshold: float = Field(25.0, gt=0, le=1000)


class TextToImage(Drawing):
    """Words to one or several pictures."""

    kind: Literal["text_to_image"] = "text_to_image"
    num_images: Whole = Field(1, ge=1, le=8)


class ImageToMesh(Meshing):
    """One picture, named by its reference in the data folder, to a mesh."""

    kind: Literal["image_to_mesh"] = "image_to_mesh"
    image: str = Field(pattern=REFERENCE_PATTERN, max_length=160)
    model: Name = "starter-mesh"


class TextToMesh(Drawing, Meshing):
    """Words to a picture, and the picture to a mesh."""

    kind: Literal["text_to_mesh"] = "text_to_mesh"
    mesh_model: Name = "starter-mesh"


AnyRequest = Annotated[TextToImage | ImageToMesh | TextToMesh, Field(discriminator="kind")]


def parse_request(data: object) -> TextToImage | ImageToMesh | TextToMesh:
    """The request that a dictionary from outside describes.

    Raises:
        MaquetteError: BAD_REQUEST naming the field, its value and the limit.
    """
    if not isinstance(data, dict):
        raise MaquetteError("BAD_REQUEST", f"request: {shorten(data)} is not an object of named fields")
    try:
        request: TextToImage | ImageToMesh | TextToMesh = TypeAdapter(AnyRequest).validate_python(data)
    except ValidationError as error:
        raise MaquetteError("BAD_REQUEST", "; ".join(_sentences(error))) from None
    return request


def shorten(value: object) -> str:
    """A value as it is shown in a message, at most 80 characters."""
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a whole number of {value.bit_length()} bits"
    text = repr(value) if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _sentences(error: ValidationError) -> list[str]:
    """The first three complaints, one sentence each."""
    found = [_sentence(dict(entry)) for entry in error.errors(include_url=False)]
    return list(dict.fromkeys(found))[:3]


_KINDS = ("text_to_image", "image_to_mesh", "text_to_mesh")
_COMPLAINTS = {
    "missing": "is required",
    "extra_forbidden": "no such field",
    "less_than_equal": "{value} is more than the limit {le}",
    "greater_than_equal": "{value} is less than the limit {ge}",
    "greater_than": "{value} must be more than {gt}",
    "multiple_of": "{value} is not a multiple of {multiple_of}",
    "string_too_long": "{length} characters are more than the limit {max_length}",
    "string_too_short": "must not be empty",
    "too_long": "{length} values are more than the limit {max_length}",
    "finite_number": "{value} is not a finite number",
    "int_type": "{value} is not a whole number",
    "int_from_float": "{value} is not a whole number",
    "int_parsing_size": "{value} is not a whole number of a usable size",
    "float_type": "{value} is not a number",
    "string_type": "{value} is not text",
    "string_unicode": "is not valid Unicode text",
    "list_type": "{value} is not a list",
    "literal_error": "{value} is not one of {expected}",
    "string_pattern_mismatch": "{value} is not a picture's reference (inputs/*.png or artifacts/*/*.png)",
    "union_tag_not_found": "is required, one of " + ", ".join(_KINDS),
    "union_tag_invalid": "{value} is not one of " + ", ".join(_KINDS),
}


def _sentence(entry: dict[str, Any]) -> str:
    """One pydantic complaint in plain words: field, value, limit."""
    path = [str(part) for part in entry["loc"] if part not in _KINDS]
    value, facts = entry["input"], dict(entry.get("ctx", {}))
    if entry["type"].startswith("union_tag"):
        value = value.get("kind")
    if hasattr(value, "__len__"):
        facts["length"] = len(value)
    complaint = _COMPLAINTS.get(entry["type"])
    text = complaint.format(value=shorten(value), **facts) if complaint else entry["msg"]
    return f"{'.'.join(path) or 'kind'}: {text}"
