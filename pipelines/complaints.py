"""Pydantic's complaints in plain words: field, value, limit."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_SHOWN = 80


def shorten(value: object) -> str:
    """A value as it is shown in a message, at most 80 characters."""
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, int) and value.bit_length() > 80:
        return f"{value:g}"
    text = repr(value) if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def sentences(error: ValidationError) -> list[str]:
    """The first three complaints, one sentence each."""
    found = [_sentence(dict(entry)) for entry in error.errors(include_url=False)]
    return list(dict.fromkeys(found))[:3]


_KINDS = (
    "text_to_image",
    "sketch_to_image",
    "image_to_image",
    "inpaint",
    "upscale",
    "image_to_mesh",
    "text_to_mesh",
    "remesh",
)
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
    "int_parsing": "{value} is not a whole number",
    "int_parsing_size": "{value} is not a whole number of a usable size",
    "float_type": "{value} is not a number",
    "float_parsing": "{value} is not a number",
    "bool_parsing": "{value} is neither true nor false",
    "string_type": "{value} is not text",
    "string_unicode": "is not valid Unicode text",
    "list_type": "{value} is not a list",
    "dict_type": "{value} is not an object of names and numbers",
    "literal_error": "{value} is not one of {expected}",
    "string_pattern_mismatch": "{value} is not a picture's reference (inputs/*.png or artifacts/*/*.png); "
    'an upload is given as {{"path": ...}}',
    "union_tag_not_found": "is required, one of " + ", ".join(_KINDS),
    "union_tag_invalid": "{value} is not one of " + ", ".join(_KINDS),
}


def _sentence(entry: dict[str, Any]) -> str:
    """One pydantic complaint in plain words: field, value, limit."""
    path = [str(part) for part in entry["loc"] if part not in _KINDS]
    return f"{'.'.join(path) or 'kind'}: {complaint(entry)}"


def complaint(entry: Mapping[str, Any]) -> str:
    """One pydantic complaint in plain words: value and limit."""
    value, facts = entry["input"], dict(entry.get("ctx", {}))
    if entry["type"].startswith("union_tag"):
        value = value.get("kind")
    if hasattr(value, "__len__"):
        facts["length"] = len(value)
    text = _COMPLAINTS.get(entry["type"])
    return text.format(value=shorten(value), **facts) if text else entry["msg"].removeprefix("Value error, ")
