"""How a framed picture shows a toy: what framing takes away, place and size, no network is asked for."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipelines.foreground import box_of
from training.field import Floats
from training.render import DISTANCE, FOV_Y

RATIO = 0.85  # share of the frame that the longer side of an object takes
SIGHT = (
    2 * DISTANCE * math.tan(math.radians(FOV_Y / 2))
)  # what the camera sees at the origin from side to side


@dataclass(frozen=True)
class Framing:
    """From a toy's own frame to TripoSR's: the photo's side at +X, the object as large as in the frame."""

    azimuth: float  # degrees, of the camera
    shift: NDArray[np.float64]  # [3], middle of the object in the picture, once it is turned
    scale: float

    def placed(self, own: Floats) -> Floats:
        """Where points [N, 3] of the toy's own frame come to lie."""
        found: Floats = ((turned(own, self.azimuth) - self.shift) * self.scale).astype(np.float32)
        return found

    def own(self, placed: Floats) -> Floats:
        """Points [N, 3] in the toy's own frame that came to lie here."""
        return turned(placed / self.scale + self.shift, -self.azimuth)


def framing_of(cut: Image.Image, azimuth: float, elevation: float) -> Framing:
    """What framing does to an object that was cut out of a camera's picture; angles in degrees.

    The object's middle is brought to the axis of view, and its longer side to its share of the frame, as if
    it were flat: how far away its parts are is not known from the picture either.
    """
    side = cut.width
    top, bottom, left, right = box_of(cut)
    across = ((left + right) / 2 / side - 0.5) * SIGHT
    up = (0.5 - (top + bottom) / 2 / side) * SIGHT
    tilt = math.radians(elevation)
    scale = RATIO * side / max(bottom - top, right - left)
    return Framing(azimuth, np.array([-math.sin(tilt) * up, across, math.cos(tilt) * up]), scale)


def turned(points: NDArray[np.floating], azimuth: float) -> Floats:
    """Points [N, 3] of the toy's own frame in the frame of a camera at this azimuth (degrees)."""
    a = np.radians(azimuth)
    x, y = (
        points[:, 0] * np.cos(a) + points[:, 1] * np.sin(a),
        points[:, 1] * np.cos(a) - points[:, 0] * np.sin(a),
    )
    return np.stack([x, y, points[:, 2]], 1).astype(np.float32)
