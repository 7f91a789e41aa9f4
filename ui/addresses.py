"""Pictures as data addresses, which the page has in its HTML, and back."""

import base64
import binascii
import io
import tempfile
from pathlib import Path

from PIL import Image

from models.errors import MaquetteError

MOST_BYTES = 2**20  # of what is drawn in the browser
_PNG, _JPEG = "data:image/png;base64,", "data:image/jpeg;base64,"


def png_address(picture: Image.Image) -> str:
    """A picture as a PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    return _PNG + _letters(buffer.getvalue())


def jpeg_address(picture: Image.Image, quality: int) -> str:
    """A picture as a JPEG."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return address_of_jpeg(buffer.getvalue())


def address_of_jpeg(data: bytes) -> str:
    """The bytes of a JPEG."""
    return _JPEG + _letters(data)


def drawn_picture(address: object, field: str, side: int) -> Image.Image:
    """The picture that a canvas of at most side x side pixels was sent as.

    Raises:
        MaquetteError: BAD_REQUEST for anything but a small PNG, BAD_IMAGE for a broken one.
    """
    from pipelines.pictures import open_picture

    if not isinstance(address, str) or not address.startswith(_PNG) or len(address) > MOST_BYTES:
        raise MaquetteError("BAD_REQUEST", f"{field}: not a PNG of at most {MOST_BYTES // 2**10} KB")
    try:
        content = base64.b64decode(address.removeprefix(_PNG), validate=True)
    except binascii.Error:
        raise MaquetteError("BAD_REQUEST", f"{field}: its base64 is damaged") from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.png"
        path.write_bytes(content)
        return open_picture(path, max_pixels=side * side, max_bytes=MOST_BYTES)


def _letters(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
