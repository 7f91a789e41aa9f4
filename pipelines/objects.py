"""The separate objects of one picture, and where each one's mesh belongs in their common scene."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from pipelines.foreground import VISIBLE, box_of

MOST_OBJECTS = 8
LEAST_SHARE = 0.05  # of the largest object's area; what is smaller is a crumb
Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True)
class Place:
    """Where an object's mesh goes in TripoSR's frame: scaled about the origin, then moved along Y and Z."""

    scale: float = 1.0
    right: float = 0.0  # along +Y, to the picture's right
    up: float = 0.0  # along +Z


def parts_of(cut: Image.Image) -> list[Image.Image]:
    """Each connected part of what is visible, as RGBA of the picture's size, the largest first.

    Crumbs are left out, and so is what is beyond the MOST_OBJECTS largest.
    """
    from scipy import ndimage

    pixels = np.asarray(cut.convert("RGBA"))
    labels, count = ndimage.label(pixels[..., 3] > VISIBLE, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    order = [int(i) for i in np.argsort(-sizes, kind="stable") if sizes[i] >= LEAST_SHARE * sizes.max()]
    found = []
    for index in order[:MOST_OBJECTS]:
        part = pixels.copy()
        part[labels != index + 1, 3] = 0
        found.append(Image.fromarray(part))
    return found


def places_of(cuts: Sequence[Image.Image], foreground_ratio: float) -> list[Place]:
    """Places that put the objects beside each other as in their picture; one object stays as it is.

    Each is framed by its own longest side, so a smaller one's mesh comes as large as the largest's:
    sizes and distances are brought back in terms of the largest.
    """
    from tsr.cameras import DISTANCE, FOV_Y_DEG

    seen_side = 2 * DISTANCE * math.tan(math.radians(FOV_Y_DEG / 2))  # of the framed square at the origin
    boxes = [box_of(cut) for cut in cuts]
    sides = [max(bottom - top, right - left) for top, bottom, left, right in boxes]
    length = seen_side * foreground_ratio / max(sides)  # of a pixel, in TripoSR's frame
    middle_x = (min(box[2] for box in boxes) + max(box[3] for box in boxes)) / 2
    middle_y = (min(box[0] for box in boxes) + max(box[1] for box in boxes)) / 2
    return [
        Place(
            side / max(sides),
            ((left + right) / 2 - middle_x) * length,
            (middle_y - (top + bottom) / 2) * length,
        )
        for (top, bottom, left, right), side in zip(boxes, sides, strict=True)
    ]
