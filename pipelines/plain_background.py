"""Cutting an object out of a background of one colour, from the border inwards and out of enclosed holes."""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from models.errors import MaquetteError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane: TypeAlias = "NDArray[np.float32]"
    Mask: TypeAlias = "NDArray[np.bool_]"

SMALLEST = 0.0005  # share of the picture below which a piece is a speck


def fill(image: Image.Image) -> Image.Image:
    """Cut a plain background away, from the border inwards and out of enclosed holes."""
    from scipy import ndimage

    pixels = as_floats(opaque(image))
    colour, noise = border_of(pixels)
    if noise >= 0.25:
        raise no_object(
            "the background is not plain, and the network that removes others is not installed; "
            "use a plain or transparent background"
        )
    tolerance = float(np.clip(1.5 * noise + 0.02, 0.035, 0.16))
    smooth = ndimage.gaussian_filter(pixels, (0.6, 0.6, 0))
    distance = np.abs(smooth - colour).max(axis=-1).astype(np.float32)
    obj = _without_specks(_object(distance, np.full_like(distance, tolerance)))
    obj = _without_specks(_object(distance, _near_tolerance(distance, obj, tolerance)))
    return _with_soft_edge(pixels, obj, colour, tolerance)


def border_of(pixels: "Plane") -> "tuple[Plane, float]":
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


def _object(distance: "Plane", tolerance: "Plane") -> "Mask":
    """Where the picture differs from the background, by a tolerance of each pixel."""
    background = _outside(distance < tolerance)
    return ~(background | _holes(distance, ~background, tolerance))


def _near_tolerance(distance: "Plane", obj: "Mask", tolerance: float) -> "Plane":
    """The tolerance, raised around an object of strong colour, where an autoencoder leaves its halo."""
    from scipy import ndimage

    inner = ndimage.binary_erosion(obj, iterations=3)
    if not inner.any():
        return np.full_like(distance, tolerance)
    nearest = ndimage.distance_transform_edt(~inner, return_distances=False, return_indices=True)
    contrast = ndimage.uniform_filter(distance, 3)[nearest[0], nearest[1]]
    raised: Plane = np.clip(0.3 * contrast, tolerance, 0.2).astype(np.float32)
    return raised


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


def _holes(distance: "Plane", obj: "Mask", tolerance: "Plane") -> "Mask":
    """Enclosed regions of the border's colour: a mug's handle, a donut's hole.

    A highlight on a toy fades into its surroundings, a hole has a sharp rim: so the contrast just behind the
    rim, against that of what lies further out, decides beside size and flatness.
    """
    from scipy import ndimage

    labels, _ = ndimage.label((distance < tolerance) & obj)
    found = np.zeros_like(obj)
    near = max(3, round(min(obj.shape) / 100))
    for index, window in enumerate(ndimage.find_objects(labels), start=1):
        window = tuple(slice(max(0, s.start - 4 * near), s.stop + 4 * near) for s in window)
        region, there = labels[window] == index, distance[window]
        if region.sum() < 3 * SMALLEST * obj.size:
            continue
        inner = ndimage.binary_dilation(region, iterations=near - 1)
        rim = ndimage.binary_dilation(inner)
        around = ndimage.binary_dilation(rim, iterations=2 * near) & ~rim & obj[window]
        limit, edge = np.median(tolerance[window][region]), np.median(there[rim & ~inner])
        flat = np.median(there[region]) < 0.6 * limit
        sharp = edge > 0.65 * np.median(there[around]) if around.any() else True
        if flat and sharp and edge > 1.5 * limit:
            found[window] |= region
    return found


def _without_specks(obj: "Mask") -> "Mask":
    """The pieces that are at least a hundredth of the largest one, and no mere specks."""
    from scipy import ndimage

    labels, count = ndimage.label(obj, ndimage.generate_binary_structure(2, 2))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    keep = sizes >= max(SMALLEST * obj.size, sizes.max() / 100, 1)
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


def opaque(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def as_floats(image: Image.Image) -> "Plane":
    """[H, W, 3] in 0..1."""
    return np.asarray(opaque(image), dtype=np.float32) / np.float32(255)


def no_object(why: str) -> MaquetteError:
    """The error for a picture without an object."""
    return MaquetteError("BAD_IMAGE", f"No object was found in the picture: {why}.")
