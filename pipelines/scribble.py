"""Drawings and photographs of drawings become scribbles: thin white lines on black, as ControlNet expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models.errors import MaquetteError

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORKING_SIDE = 512  # longest side at which lines are found
LINE = 72  # lines are a 72nd of the longest side wide, 7 pixels of 512
BROADEST_PEN = 18  # a pen on photographed paper draws strokes of up to an 18th of the side
BROADEST_STROKE = 12  # what is broader than a 12th of the side is an area, of which the rim is drawn
EVEN = 0.06  # deviation of a border, in shares of white, up to which the paper counts as evenly lit
FAINTEST = 0.10  # contrast, in shares of white, below which nothing is a line
LEAST_SHARE = 0.0004  # of the pixels that lines must cover
MOST_SHARE = 0.45  # of the pixels that strokes cover; more is rather a sheet on a table


def scribble_of(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The lines of a drawing, white on black in RGB, centred in a picture of this size.

    Pens on paper and chalk on boards both do, evenly lit or photographed; transparent parts are paper.

    Raises:
        MaquetteError: BAD_IMAGE where nothing is drawn.
    """
    scale = WORKING_SIDE / max(width, height)
    working = (round(width * scale), round(height * scale))
    levels = (np.asarray(_fitted(picture, working)) / 255).astype(np.float32)
    lines = _centred(_thinned(_ink(levels)), working)
    if lines.mean() < LEAST_SHARE:
        raise MaquetteError(
            "BAD_IMAGE", "The sketch is empty: draw the outline of one object, dark on the white paper."
        )
    return _drawn(lines, width, height)


def _fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture as large as fits, on opaque paper: white under dark strokes, black under light ones."""
    if picture.mode == "RGBA":
        pixels = np.asarray(picture, np.float32)
        covered = pixels[..., 3] > 127
        light = covered.any() and not covered.all() and pixels[covered][:, :3].mean() > 127
        paper = Image.new("RGBA", picture.size, "black" if light else "white")
        picture = Image.alpha_composite(paper, picture)
    scale = min(size[0] / picture.width, size[1] / picture.height)
    fitted = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.convert("RGB").resize(fitted, Image.Resampling.LANCZOS)


def _ink(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where something is drawn [H, W]; on paper that fills only a part of a photograph, on that paper."""
    border = _border(levels)
    paper = np.median(border, axis=0)
    if np.abs(border - paper).mean() >= EVEN:
        return _ink_of_photo(levels)
    found = _standing_out(np.abs(levels - paper).max(-1), speck=20)
    if found.mean() < MOST_SHARE:
        return found
    on_part = _ink_of_photo(levels)
    return on_part if on_part.mean() > LEAST_SHARE else found


def _ink_of_photo(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a photographed pen has been [H, W]; the paper's grain and the camera's noise are passed over."""
    contrast = _contrast_of_photo(levels)
    middle = float(np.median(contrast))
    noise = 1.5 * float(np.median(np.abs(contrast - middle)))
    return _standing_out(contrast, speck=150, least=max(FAINTEST, middle + 6 * noise))


def _border(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The pixels [N, 3] of a narrow band around a picture [H, W, 3]."""
    band = max(2, min(levels.shape[:2]) // 40)
    parts = (levels[:band], levels[-band:], levels[:, :band], levels[:, -band:])
    pixels: NDArray[np.float32] = np.concatenate([part.reshape(-1, 3) for part in parts])
    return pixels


def _contrast_of_photo(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far strokes [H, W] stand out from paper that is lit unevenly, in shares of the paper's brightness.

    The paper's brightness is what a closing leaves: narrow strokes go, shadows, their edges and the table
    under the paper stay. Chalk on a board is looked for in the same way in the negative.
    """
    from skimage.filters import gaussian
    from skimage.morphology import closing, footprint_rectangle

    reach = max(levels.shape[:2]) // BROADEST_PEN | 1
    pen = footprint_rectangle((reach, reach), decomposition="separable")
    grey = gaussian(levels.mean(-1), 1.0)
    dark, light = closing(grey, pen) - grey, closing(1 - grey, pen) - (1 - grey)
    if (dark**3).sum() >= (light**3).sum():
        return np.asarray(dark / np.maximum(grey + dark, 0.1), np.float32)
    return np.asarray(light / np.maximum(1 - grey + light, 0.1), np.float32)


def _standing_out(contrast: NDArray[np.float32], speck: int, least: float = FAINTEST) -> NDArray[np.bool_]:
    """The pixels [H, W] of strong contrast, and the weaker ones that touch them, without specks."""
    from skimage.filters import apply_hysteresis_threshold, threshold_otsu
    from skimage.morphology import remove_small_objects

    if contrast.max() < least:
        return np.zeros(contrast.shape, np.bool_)
    level = max(float(threshold_otsu(contrast)), least)
    found = apply_hysteresis_threshold(contrast, 0.6 * level, level)
    cleaned: NDArray[np.bool_] = remove_small_objects(found, max_size=speck)
    return cleaned


def _thinned(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Strokes as lines one pixel wide, and the rims of filled areas [H, W]."""
    from skimage.morphology import dilation, disk, erosion, opening, skeletonize

    reach = max(1, max(ink.shape) // BROADEST_STROKE // 2)
    areas = opening(np.pad(ink, reach, mode="edge"), disk(reach, decomposition="sequence"))
    areas = dilation(areas[reach:-reach, reach:-reach], disk(reach // 2)) & ink  # with their corners
    lines: NDArray[np.bool_] = skeletonize(ink & ~areas) | (areas & ~erosion(areas, disk(1)))
    return lines


def _centred(lines: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """The lines in the middle of an empty canvas of a size (width, height)."""
    canvas = np.zeros((size[1], size[0]), np.bool_)
    top, left = (size[1] - lines.shape[0]) // 2, (size[0] - lines.shape[1]) // 2
    canvas[top : top + lines.shape[0], left : left + lines.shape[1]] = lines
    return canvas


def _drawn(lines: NDArray[np.bool_], width: int, height: int) -> Image.Image:
    """The lines with a round pen, white on black."""
    from skimage.morphology import dilation, disk

    broad = dilation(lines, disk(max(lines.shape) // LINE // 2))
    picture = Image.fromarray(broad.astype(np.uint8) * 255)
    return picture.resize((width, height), Image.Resampling.BOX).convert("RGB")
