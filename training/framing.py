"""How a framed picture shows a toy: what framing takes away, place and size, no network is asked for."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipelines.foreground import box_of
from training.field import Field, Floats, grid
from training.render import BALL, DISTANCE, FOV_Y, camera

RATIO = 0.85  # share of the frame that the longer side of an object takes
SIGHT = 2 * DISTANCE * math.tan(math.radians(FOV_Y / 2))  # side of what the camera sees at the origin
FARTHEST = 0.9  # from the origin to either side: no framed toy reaches farther
GRID = 32  # points a side, in which the depth of a toy is looked for


@dataclass(frozen=True)
class Framing:
    """From a toy's own frame to TripoSR's: the photo's side at +X, the object where the frame shows it."""

    azimuth: float  # degrees, of the camera
    elevation: float
    shift: NDArray[np.float64]  # [3], middle of the object, once it is turned
    scale: float

    def placed(self, own: Floats) -> Floats:
        """Where points [N, 3] of the toy's own frame come to lie."""
        found: Floats = ((turned(own, self.azimuth) - self.shift) * self.scale).astype(np.float32)
        return found

    def own(self, placed: Floats) -> Floats:
        """Points [N, 3] in the toy's own frame that came to lie here."""
        return turned(placed / self.scale + self.shift, -self.azimuth)

    def distance(self, field: Field, placed: Floats) -> Floats:
        """Distances [N] from a placed field's surface to points [N, 3]."""
        found: Floats = np.float32(self.scale) * field.distance(self.own(placed))
        return found


def framing_of(field: Field, cut: Image.Image, azimuth: float, elevation: float) -> Framing:
    """What framing does to a toy that was cut out of a camera's picture; angles in degrees.

    The middle of what is seen comes to lie on the axis of view, its longer side takes its share of the frame
    as if it were flat, and the middle between its nearest and its farthest point lies at the origin.
    """
    side = cut.width
    top, bottom, left, right = box_of(cut)
    scale = RATIO * side / max(bottom - top, right - left)
    _, (forward, rightward, upward) = camera(0, elevation)
    across = ((left + right) / 2 / side - 0.5) * SIGHT
    up = (0.5 - (top + bottom) / 2 / side) * SIGHT
    flat = Framing(azimuth, elevation, (across * rightward + up * upward).astype(np.float64), scale)
    near, far = depths(field, flat, forward)
    return replace(flat, shift=flat.shift + (near + far) / 2 / scale * forward)


def depths(field: Field, framing: Framing, forward: Floats) -> tuple[float, float]:
    """How far the nearest and the farthest point of a framed toy lie beyond the origin.

    From each point of a coarse grid close to the surface, inside or outside, this is known to lie as far
    towards any side as the point's own distance says.
    """
    own = grid(-BALL, BALL, GRID)
    distance = field.distance(own)
    close = np.abs(distance) < 2 * BALL / (GRID - 1)
    depth, margin = framing.placed(own[close]) @ forward, framing.scale * distance[close]
    return float((depth + margin).min()), float((depth - margin).max())


def turned(points: NDArray[np.floating], azimuth: float) -> Floats:
    """Points [N, 3] of the toy's own frame in the frame of a camera at this azimuth (degrees)."""
    a = np.radians(azimuth)
    x, y = (
        points[:, 0] * np.cos(a) + points[:, 1] * np.sin(a),
        points[:, 1] * np.cos(a) - points[:, 0] * np.sin(a),
    )
    return np.stack([x, y, points[:, 2]], 1).astype(np.float32)
