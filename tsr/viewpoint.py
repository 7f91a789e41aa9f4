"""Where a vertex lies in the picture of TripoSR's camera."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsr.cameras import DISTANCE, FOV_Y_DEG

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Viewpoint:
    """A camera that looks at the origin, Z up; azimuth 0 is the photo's side (+X); angles in degrees."""

    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    distance: float = DISTANCE
    fov_deg: float = FOV_Y_DEG

    @property
    def axes(self) -> NDArray[np.float64]:
        """Unit vectors [3, 3] to the camera's right, upward, and from the origin to the camera."""
        azimuth, elevation = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        flat, up = math.cos(elevation), math.sin(elevation)
        away = np.array([flat * math.cos(azimuth), flat * math.sin(azimuth), up])
        right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
        return np.stack([right, np.cross(away, right), away])

    def project(self, points: NDArray[np.floating], size: int) -> Floats:
        """Column, row (pixel centres at .5) and 1 / depth [N, 3] of points [N, 3] in a square of size pixels.

        1 / depth is 0 for a point that is not before the camera."""
        right, up, depth = (points @ self.axes.T * (1, 1, -1) + (0, 0, self.distance)).T
        near = np.where(depth > 1e-3, 1 / np.maximum(depth, 1e-3), 0)
        focal = 0.5 * size / math.tan(math.radians(self.fov_deg) / 2)
        return np.stack([size / 2 + focal * right * near, size / 2 - focal * up * near, near], 1).astype(
            np.float32
        )
