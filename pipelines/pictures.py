"""Pictures from outside: opened with care, kept by content, found by reference."""

import hashlib
import io
import math
import os
import re
import struct
import uuid
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import MaquetteError
from pipelines.requests import REFERENCE_PATTERN, shorten

MAX_PIXELS = 50_000_000  # of a picture that is made here
MIN_SIDE = 8
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")  # JPEG reads MPO too
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    struct.error,
    zlib.error,
)


def open_picture(path: Path, max_pixels: float = math.inf, max_bytes: float = math.inf) -> Image.Image:
    """The first frame of a picture file as RGB or RGBA, turned as its EXIF orientation says.

    Files from outside need limits; what is kept has passed them, though its own file may be larger.

    Raises:
        MaquetteError: BAD_IMAGE for what is no whole picture, TOO_LARGE beyond a limit.
    """
    size = _bytes_of(path)
    if size == 0:
        raise MaquetteError("BAD_IMAGE", "The picture is an empty file (0 bytes).")
    if size > max_bytes:
        raise MaquetteError("TOO_LARGE", f"The picture has {size:,} bytes, the limit is {max_bytes:,}.")
    _refuse_svg(path)
    try:
        with Image.open(path, formats=FORMATS) as image:
            _refuse_size(image.width, image.height, max_pixels)
            image.load()
            return _as_rgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        limit = min(max_pixels, 2 * (Image.MAX_IMAGE_PIXELS or 0))  # Pillow's own, which it doubles
        raise MaquetteError("TOO_LARGE", f"The picture has more pixels than the limit {limit:,}.") from None
    except UnidentifiedImageError:
        known = ", ".join(FORMATS)
        raise MaquetteError("BAD_IMAGE", f"The file is not a picture in a known format ({known}).") from None
    except _BROKEN:
        raise MaquetteError("BAD_IMAGE", f"The picture is damaged or cut short ({size:,} bytes).") from None


def keep_input(image: Image.Image, data_dir: Path) -> str:
    """Write a picture into the data folder under the hash of its content, and return its reference."""
    buffer = io.BytesIO()
    _as_rgb(image).save(buffer, "PNG", compress_level=3)
    content = buffer.getvalue()
    reference = f"inputs/{hashlib.sha256(content).hexdigest()}.png"
    path = data_dir / reference
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    part.write_bytes(content)
    os.replace(part, path)  # also where it is there already: a fresh date keeps the janitor away
    return reference


def resolve(reference: str, data_dir: Path) -> Path:
    """The file that a reference names, always inside the data folder.

    Raises:
        MaquetteError: BAD_REQUEST for what is no reference, NOT_FOUND when there is no such file.
    """
    if not isinstance(reference, str) or not re.fullmatch(REFERENCE_PATTERN, reference):
        raise MaquetteError("BAD_REQUEST", f"image: {shorten(reference)} is not a picture's reference")
    root = data_dir.resolve()
    path = (root / reference).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise MaquetteError("NOT_FOUND", f"image: there is no picture {shorten(reference)}")
    return path


def _bytes_of(path: Path) -> int:
    """The file's size in bytes."""
    try:
        return path.stat().st_size
    except OSError:
        raise MaquetteError("NOT_FOUND", "The picture's file is not there.") from None


def _refuse_svg(path: Path) -> None:
    """Raise BAD_IMAGE for a vector drawing, with the way out."""
    with path.open("rb") as file:
        head = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")):
        raise MaquetteError("BAD_IMAGE", "The file is an SVG drawing, not pixels; export it as PNG.")


def _refuse_size(width: int, height: int, max_pixels: float) -> None:
    """Raise for a picture with too many or too few pixels, before any of them is decoded."""
    if width * height > max_pixels:
        raise MaquetteError(
            "TOO_LARGE",
            f"The picture has {width} x {height} = {width * height:,} pixels, the limit is {max_pixels:,}.",
        )
    if min(width, height) < MIN_SIDE:
        raise MaquetteError(
            "BAD_IMAGE", f"The picture is {width} x {height}; each side needs at least {MIN_SIDE}."
        )


def _as_rgb(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where the picture has transparency; 16-bit grey, and 0 to 1 in floats, are scaled to 8."""
    if image.mode in ("RGB", "RGBA"):
        return image
    if image.mode.startswith("I") or image.mode == "F":
        levels = np.asarray(image, dtype=np.float64)
        most = levels.max(initial=0)
        levels = levels / 257 if most > 255 else levels
        levels = levels * 255 if image.mode == "F" and most <= 1 else levels  # as programs for light keep it
        return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")
    transparent = "A" in image.getbands() or "transparency" in image.info or image.mode in ("La", "PA")
    return image.convert("RGBA" if transparent else "RGB")
