"""What is doubtful about a cut-out object before the network sees it, each with what to do."""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from pipelines.foreground import VISIBLE, has_alpha
from pipelines.objects import parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask: TypeAlias = "NDArray[np.bool_]"

TOUCHING = 0.02  # share of the picture's border
SMALL_PIXELS = 64  # longest side of the object
SMALL_SHARE = 0.01  # of the picture's area
FAINT = 0.08  # of full scale, between the object's mean colour and its surroundings'
FLAT = 0.02  # of full scale, the spread of the object's brightness
RING = 6  # pixels around the object that are looked at


def doubts(cut: Image.Image, picture: Image.Image, several: bool = False) -> list[str]:
    """Warnings about an object cut out of a picture of the same size, none where it is fine.

    Args:
        cut: RGBA with an object in it.
        several: whether each object becomes a mesh of its own, so that several are no doubt.
    """
    seen = np.asarray(cut.getchannel("A")) > VISIBLE
    checks = (_border(seen), _size(seen), _contrast(seen, cut, picture))
    return [text for text in (*checks, None if several else _count(cut)) if text is not None]


def _border(seen: "Mask") -> str | None:
    """Whether the object is cut off by the picture's edge."""
    if seen.all():
        return "The whole picture counts as the object; choose another background method to cut it out."
    edge = np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]])
    share = float(edge.mean())
    if share <= TOUCHING:
        return None
    return f"The object touches {share:.0%} of the picture's border and may be cut off; leave room around it."


def _size(seen: "Mask") -> str | None:
    """Whether there are too few pixels to tell a shape from."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    longest = int(max(np.ptp(rows), np.ptp(columns))) + 1
    share = float(seen.mean())
    if longest >= SMALL_PIXELS and share >= SMALL_SHARE:
        return None
    return (
        f"The object is tiny ({longest} pixels long, {share:.1%} of the picture); "
        "crop the picture to it or take one of more pixels."
    )


def _contrast(seen: "Mask", cut: Image.Image, picture: Image.Image) -> str | None:
    """Whether the object is of one brightness, or hardly differs from what is around it."""
    from scipy import ndimage

    colours = np.asarray(cut.convert("RGB"), dtype=np.float32) / 255
    if float(colours[seen].mean(axis=-1).std()) < FLAT:
        return "The object has no light and shade, so its depth is guessed; use a picture with shading."
    if has_alpha(picture):
        return None  # what was around it is not known
    ring = ndimage.binary_dilation(seen, iterations=RING) & ~ndimage.binary_dilation(seen, iterations=2)
    if not ring.any():
        return None
    around = np.asarray(picture.convert("RGB"), dtype=np.float32)[ring].mean(axis=0) / 255
    difference = float(np.abs(colours[seen].mean(axis=0) - around).max())
    if difference >= FAINT:
        return None
    return (
        f"The object hardly differs from its background ({difference:.0%} of full contrast), so its outline "
        "may be wrong; use another background or brush the mask."
    )


def _count(cut: Image.Image) -> str | None:
    """Whether there is more than one object."""
    count = len(parts_of(cut))
    if count < 2:
        return None
    return (
        f"{count} separate objects were found and become one mesh; "
        'choose "A mesh of each object" under Objects (objects="each") to part them.'
    )
