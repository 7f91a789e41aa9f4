"""The object of a picture: cut out of its background, and framed as the mesh network wants it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from models.errors import MaquetteError
from pipelines.requests import Background

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane: TypeAlias = "NDArray[np.float32]"
    Mask: TypeAlias = "NDArray[np.bool_]"

RemoveBackground: TypeAlias = Callable[[Image.Image], Image.Image]

VISIBLE = 12  # of 255: alpha at or below it is noise, not object
GREY = 127.5
_SMALLEST = 0.0005  # share of the picture below which a piece is a speck


def cut_out(
    image: Image.Image, method: Background = "auto", remove_background: RemoveBackground | None = None
) -> Image.Image:
    """The picture as RGBA with its background transparent.

    Args:
        image: RGB or RGBA.
        method: "keep" the picture's own alpha (an opaque picture is all object), "fill" a plain background
            from the border, "rembg" ask the network `remove_background`, "auto" the first that fits.
        remove_background: RGB -> RGBA; None where that network's weights are missing.

    Raises:
        MaquetteError: BAD_IMAGE when no object is found, MODEL_MISSING when rembg is asked for and absent.
    """
    if method == "auto":
        method = _fitting_method(image, remove_background is not None)
    if method == "keep":
        found = image.convert("RGBA")
    elif method == "fill":
        found = _fill(image)
    elif remove_background is None:
        raise MaquetteError(
            "MODEL_MISSING",
            "background 'rembg': its weights (u2net.onnx, 176 MB) are not on this machine. "
            "Use a plain background, or a picture with a transparent one.",
        )
    else:
        found = remove_background(_opaque(image)).convert("RGBA")
    _refuse_empty(found)
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
    top, bottom, left, right = _box(rgba)
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
    _, noise = _border(_floats(image))
    return noise < 0.1


def _fitting_method(image: Image.Image, network: bool) -> Background:
    """What "auto" means for this picture."""
    if image.mode == "RGBA" and not (np.asarray(image.getchannel("A")) > VISIBLE).any():
        raise _no_object("the picture is fully transparent")
    if has_alpha(image):
        return "keep"
    if network and not is_plain(image):
        return "rembg"
    return "fill"


def _fill(image: Image.Image) -> Image.Image:
    """Cut a plain background away, from the border inwards and out of enclosed holes."""
    from scipy import ndimage

    pixels = _floats(_opaque(image))
    colour, noise = _border(pixels)
    if noise >= 0.25:
        raise _no_object(
            "the background is not plain, and the network that removes others is not installed; "
            "use a plain or transparent background"
        )
    tolerance = float(np.clip(1.5 * noise + 0.02, 0.035, 0.16))
    smooth = ndimage.gaussian_filter(pixels, (0.6, 0.6, 0))
    distance = np.abs(smooth - colour).max(axis=-1).astype(np.float32)
    background = _outside(distance < tolerance)
    background |= _holes(distance, ~background, tolerance)
    obj = _without_specks(~background)
    return _with_soft_edge(pixels, obj, colour, tolerance)


def _border(pixels: "Plane") -> "tuple[Plane, float]":
    """Median colour of the border, and the distance that four fifths of it stay within.

    Args:
        pixels: [H, W, 3] in 0..1.
    """
    width = max(1, min(pixels.shape[:2]) // 64)
    ring = np.concatenate(
        [
            pixels[:width].reshape(-1, 3),
            pixels[-width:].reshape(-1, 3),
            pixels[:, :width].reshape(-1, 3),
            pixels[:, -width:].reshape(-1, 3),
        ]
    )
    colour = np.median(ring, axis=0).astype(np.float32)
    return colour, float(np.quantile(np.abs(ring - colour).max(axis=-1), 0.8))


def _outside(alike: "Mask") -> "Mask":
    """The background that is joined to the border by more than a hair's breadth.

    A pale object's outline has gaps where its lit side equals the background: what comes in only through
    a gap narrower than the brush is the object.
    """
    from scipy import ndimage

    brush = ndimage.generate_binary_structure(2, 1)
    reach = max(1, round(min(alike.shape) / 128))
    padded = np.pad(alike, reach + 1, mode="constant", constant_values=True)
    core = ndimage.binary_erosion(padded, brush, iterations=reach, border_value=1)
    labels, _ = ndimage.label(core)
    joined = labels == labels[0, 0]
    grown = ndimage.binary_dilation(joined, brush, iterations=reach + 1, mask=padded)
    return np.asarray(grown[reach + 1 : -reach - 1, reach + 1 : -reach - 1], dtype=np.bool_)


def _holes(distance: "Plane", obj: "Mask", tolerance: float) -> "Mask":
    """Enclosed regions of the border's colour: a mug's handle, a donut's hole.

    A highlight on a pale toy fades into its surroundings, a hole has a sharp rim: so the rim's contrast
    decides, beside size and flatness.
    """
    from scipy import ndimage

    labels, _ = ndimage.label((distance < tolerance) & obj)
    found = np.zeros_like(obj)
    for index, window in enumerate(ndimage.find_objects(labels), start=1):
        reach = max(2, round(min(obj.shape) / 85))
        window = tuple(slice(max(0, s.start - reach), s.stop + reach) for s in window)
        region = labels[window] == index
        if region.sum() < 3 * _SMALLEST * obj.size:
            continue
        rim = ndimage.binary_dilation(region, iterations=reach) & ~region
        flat = np.quantile(distance[window][region], 0.5) < 0.6 * tolerance
        if flat and np.median(distance[window][rim]) > 3 * tolerance:
            found[window] |= region
    return found


def _without_specks(obj: "Mask") -> "Mask":
    """The pieces that are at least a hundredth of the largest one, and no mere specks."""
    from scipy import ndimage

    labels, count = ndimage.label(obj, ndimage.generate_binary_structure(2, 2))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    keep = sizes >= max(_SMALLEST * obj.size, sizes.max() / 100, 1)
    return np.asarray(keep[labels], dtype=np.bool_)


def _with_soft_edge(pixels: "Plane", obj: "Mask", colour: "Plane", tolerance: float) -> Image.Image:
    """RGBA whose edge pixels are unmixed: alpha is how much object they hold, colour the object's own."""
    from scipy import ndimage

    alpha = obj.astype(np.float32)
    inner = ndimage.binary_erosion(obj, iterations=2, border_value=1)
    band = ndimage.binary_dilation(obj, iterations=1) & ~inner
    if inner.any() and band.any():
        away, nearest = ndimage.distance_transform_edt(~inner, return_indices=True)
        rows, columns = np.nonzero(band & (away <= 4))
        own = pixels[nearest[0][rows, columns], nearest[1][rows, columns]]
        contrast = own - colour
        strength = (contrast**2).sum(axis=-1)
        share = ((pixels[rows, columns] - colour) * contrast).sum(axis=-1) / np.maximum(strength, 1e-6)
        clear = strength > (3 * tolerance) ** 2
        rows, columns = rows[clear], columns[clear]
        alpha[rows, columns] = np.clip(share[clear], 0, 1)
        pixels = pixels.copy()
        pixels[rows, columns] = own[clear]
    whole = np.concatenate([pixels, alpha[..., None]], axis=-1)
    return Image.fromarray(np.round(whole * 255).astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _floats(image: Image.Image) -> "Plane":
    """[H, W, 3] in 0..1."""
    return np.asarray(_opaque(image), dtype=np.float32) / np.float32(255)


def _box(rgba: Image.Image) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what is visible."""
    seen = np.asarray(rgba.getchannel("A")) > VISIBLE
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        raise _no_object("nothing in it is visible")
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _refuse_empty(rgba: Image.Image) -> None:
    """Raise BAD_IMAGE for a cut-out without an object, or with one colour all over."""
    alpha = np.asarray(rgba.getchannel("A"))
    rgb = rgba.convert("RGB")
    share = float((alpha > VISIBLE).mean())
    if share < _SMALLEST:
        raise _no_object(
            f"{share:.2%} of it stands out from the background, at least {_SMALLEST:.2%} is needed"
        )
    if share == 1.0 and np.ptp(np.asarray(rgb), axis=(0, 1)).max() <= 2:
        raise _no_object("it has one colour all over")


def _no_object(why: str) -> MaquetteError:
    """The error for a picture without an object."""
    return MaquetteError("BAD_IMAGE", f"No object was found in the picture: {why}.")
