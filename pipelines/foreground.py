"""The object of a picture: cut out of its background, and framed as the mesh network wants it."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image

from models.errors import MaquetteError
from pipelines.plain_background import SMALLEST, as_floats, border_of, fill, no_object, opaque
from pipelines.requests import Background

RemoveBackground: TypeAlias = Callable[[Image.Image], Image.Image]

VISIBLE = 12  # of 255: alpha at or below it is noise, not object
GREY = 127.5


def cut_out(
    image: Image.Image, method: Background = "auto", remove_background: RemoveBackground | None = None
) -> Image.Image:
    """The picture as RGBA with its background transparent.

    Args:
        image: RGB or RGBA.
        method: "keep" the picture's own alpha (an opaque picture is all object), "fill" a plain background
            from the border, "auto" the first that fits, any other name ask the network `remove_background`.
        remove_background: RGB -> RGBA; None where that network's weights are missing.

    Raises:
        MaquetteError: BAD_IMAGE when no object is found, MODEL_MISSING when rembg is asked for and absent.
    """
    if method == "auto":
        method = _fitting_method(image, remove_background is not None)
    if method == "keep":
        found = image.convert("RGBA")
    elif method == "fill":
        found = fill(image)
    elif remove_background is None:
        raise MaquetteError(
            "MODEL_MISSING",
            f"background '{method}': its weights (u2net.onnx, 176 MB) are not on this machine. "
            "Use a plain background, or a picture with a transparent one.",
        )
    else:
        found = remove_background(opaque(image)).convert("RGBA")
    _refuse_empty(found)
    return found


def cut_by_mask(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture as RGBA whose alpha is a mask, white for object, scaled to the picture's size.

    Raises:
        MaquetteError: BAD_IMAGE where the mask leaves no object.
    """
    found = image.convert("RGBA")
    found.putalpha(opaque(mask).convert("L").resize(image.size, Image.Resampling.BILINEAR))
    if not (np.asarray(found.getchannel("A")) > VISIBLE).any():
        raise no_object("the mask has no white in it")
    return found


def frame(rgba: Image.Image, ratio: float = 0.85, size: int | None = None) -> Image.Image:
    """The object alone, centred in a square over mid grey: the picture that the mesh network reads.

    Args:
        rgba: the cut-out object.
        ratio: the share of the square's side that the longer side of the object's box takes.
        size: side of the result in pixels; None keeps the object's own pixels.

    Raises:
        MaquetteError: BAD_IMAGE when nothing is visible.
    """
    rgba = rgba.convert("RGBA")
    top, bottom, left, right = box_of(rgba)
    longest = max(bottom - top, right - left)
    side = max(int(longest / ratio), longest)
    y, x = (side - (bottom - top)) // 2, (side - (right - left)) // 2
    pixels = np.asarray(rgba, dtype=np.float32)[top:bottom, left:right]
    alpha = pixels[..., 3:] / 255
    square = np.full((side, side, 3), GREY, dtype=np.float32)
    square[y : y + bottom - top, x : x + right - left] = pixels[..., :3] * alpha + GREY * (1 - alpha)
    framed = Image.fromarray(square.astype(np.uint8))
    if size is None or size == side:
        return framed
    return framed.resize((size, size), Image.Resampling.BICUBIC)


def has_alpha(image: Image.Image) -> bool:
    """Whether the picture says itself what is transparent: some of it is, and some of it is not."""
    if image.mode != "RGBA":
        return False
    alpha = np.asarray(image.getchannel("A"))
    return bool((alpha <= VISIBLE).mean() > 0.005 and (alpha > VISIBLE).any())


def is_plain(image: Image.Image) -> bool:
    """Whether nearly all of the picture's border has one colour."""
    _, noise = border_of(as_floats(image))
    return noise < 0.1


def _fitting_method(image: Image.Image, network: bool) -> Background:
    """What "auto" means for this picture."""
    if image.mode == "RGBA" and not (np.asarray(image.getchannel("A")) > VISIBLE).any():
        raise no_object("the picture is fully transparent")
    if has_alpha(image):
        return "keep"
    if network and not is_plain(image):
        return "rembg"
    return "fill"


def box_of(rgba: Image.Image) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what is visible."""
    seen = np.asarray(rgba.getchannel("A")) > VISIBLE
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        raise no_object("nothing in it is visible")
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _refuse_empty(rgba: Image.Image) -> None:
    """Raise BAD_IMAGE for a cut-out without an object, or with one colour all over."""
    alpha = np.asarray(rgba.getchannel("A"))
    rgb = rgba.convert("RGB")
    share = float((alpha > VISIBLE).mean())
    if share < SMALLEST:
        raise no_object(
            f"{share:.2%} of it stands out from the background, at least {SMALLEST:.2%} is needed; "
            "use a transparent or plain background that differs from the object"
        )
    if share == 1.0 and np.ptp(np.asarray(rgb), axis=(0, 1)).max() <= 2:
        raise no_object("it has one colour all over")
