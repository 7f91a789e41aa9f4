"""A picture from outside, as Gradio or a program hands it over, becomes a reference into the data folder."""

import base64
import binascii
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradio.utils import get_upload_folder

from models.errors import MaquetteError
from pipelines.requests import REFERENCE_PATTERN, shorten

if TYPE_CHECKING:
    from PIL import Image

    from ui.settings import Settings

_DATA = re.compile(r"data:(?P<type>[\w./+-]*)(?:;[\w=-]+)*?;base64,")
_BARE = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}")  # too long for anything but base64


def picture_reference(value: Any, settings: "Settings", field: str = "image") -> Any:
    """The reference of a field's uploaded file, data address or base64; what is none is left for the request.

    Raises:
        MaquetteError: BAD_REQUEST for a file that was not uploaded, BAD_IMAGE or TOO_LARGE for its content.
    """
    from pipelines.pictures import keep_input

    if value is None or value == "":
        raise MaquetteError("BAD_REQUEST", f"{field}: a picture is required")
    if isinstance(value, str):
        content = content_of(value, settings, field)
        return value if content is None else keep_input(picture_of(content, settings), settings.data_dir)
    if not isinstance(value, dict):
        return value
    path = value.get("path")
    if not isinstance(path, str) or not path:
        raise MaquetteError("BAD_REQUEST", f"{field}: {shorten(value)} is not an uploaded file")
    return _keep(Path(path), settings, field)


def content_of(text: str, settings: "Settings", field: str) -> bytes | None:
    """The bytes of a data address or of plain base64; None for other text.

    Raises:
        MaquetteError: BAD_REQUEST for a damaged one, TOO_LARGE for a long one.
    """
    address = _DATA.match(text)
    if address is None and text.startswith("data:"):
        raise MaquetteError("BAD_REQUEST", f"{field}: {shorten(text)} is no base64 data address")
    letters = "".join((text[address.end() :] if address else text).split())  # many tools break it into lines
    if address is None and not _BARE.fullmatch(letters):
        return None
    limit = settings.max_upload_mb * 2**20
    if len(letters) * 3 // 4 > limit + 3:
        raise MaquetteError("TOO_LARGE", f"{field}: {len(letters) * 3 // 4:,} bytes, the limit is {limit:,}.")
    try:
        return base64.b64decode(letters, validate=True)
    except binascii.Error:
        raise MaquetteError("BAD_REQUEST", f"{field}: its base64 is damaged") from None


def picture_of(content: bytes, settings: "Settings") -> "Image.Image":
    """The picture that is made of bytes, within the limits of a file.

    Raises:
        MaquetteError: BAD_IMAGE or TOO_LARGE.
    """
    from pipelines.pictures import open_picture

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        return open_picture(path, max_pixels=settings.max_pixels, max_bytes=settings.max_upload_mb * 2**20)


def _keep(path: Path, settings: "Settings", field: str) -> str:
    """The reference of a job's own picture, or of an uploaded file that is now kept among the inputs."""
    from pipelines.pictures import keep_input, open_picture

    refusal = MaquetteError("BAD_REQUEST", f"{field}: this file was not uploaded")
    try:
        real, folder = path.resolve(strict=True), Path(get_upload_folder()).resolve()
    except (OSError, ValueError):
        raise refusal from None
    data = settings.data_dir.resolve()
    if real.is_relative_to(data):
        reference = real.relative_to(data).as_posix()
        if re.fullmatch(REFERENCE_PATTERN, reference):
            return reference
    if not real.is_relative_to(folder):
        raise refusal
    image = open_picture(real, max_pixels=settings.max_pixels, max_bytes=settings.max_upload_mb * 2**20)
    return keep_input(image, settings.data_dir)


def uploaded_name(value: Any) -> str:
    """What the visitor calls an uploaded file, without its suffix."""
    name = value.get("orig_name") if isinstance(value, dict) else None
    return Path(name).stem if isinstance(name, str) else ""
