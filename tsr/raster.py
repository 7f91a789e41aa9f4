"""Triangles to pixels on the CPU: which face a pixel shows, and where in it."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Raster:
    """What lies at every pixel's centre: face [H, W] (-1 where none) and its weights [H, W, 3] in the face.

    nearness [H, W] is that of the corners, interpolated; 0 where there is no face."""

    face: NDArray[np.int32]
    weights: Floats
    nearness: Floats

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Pixels [H, W] with a face."""
        return self.face >= 0


def rasterise(corners: Floats, faces: NDArray[np.int32], height: int, width: int) -> Raster:
    """Draws faces [F, 3] over corners [V, 3]: column, row (centres at .5), nearness; the greater wins.

    Nearness must be above 0: 1 / depth for a camera, which is what a screen interpolates without error.
    Weights are perspective-correct where nearness is 1 / depth."""
    face = np.full((height, width), -1, np.int32)
    weights = np.zeros((height, width, 3), np.float32)
    nearness = np.zeros((height, width), np.float32)
    _fill(corners.astype(np.float32), faces.astype(np.int32), face, weights, nearness)
    return Raster(face, weights, nearness)


def interpolate(raster: Raster, faces: NDArray[np.int32], values: NDArray[np.floating]) -> Floats:
    """The vertices' values [V, C] at the covered pixels, in row order [N, C]."""
    covered = raster.covered
    corners = faces[raster.face[covered]]
    weights = raster.weights[covered]
    values = values.astype(np.float32)
    found = values[corners[:, 0]] * weights[:, :1]
    found += values[corners[:, 1]] * weights[:, 1:2]
    found += values[corners[:, 2]] * weights[:, 2:]
    return found


@njit(cache=True, nogil=True)
def _fill(
    corners: Floats,
    faces: NDArray[np.int32],
    face: NDArray[np.int32],
    weights: Floats,
    nearness: Floats,
) -> None:
    height, width = face.shape
    for number in range(len(faces)):
        a, b, c = corners[faces[number, 0]], corners[faces[number, 1]], corners[faces[number, 2]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if area == 0 or min(a[2], b[2], c[2]) <= 0:
            continue
        left = max(int(np.ceil(min(a[0], b[0], c[0]) - 0.5)), 0)
        right = min(int(np.floor(max(a[0], b[0], c[0]) - 0.5)), width - 1)
        top = max(int(np.ceil(min(a[1], b[1], c[1]) - 0.5)), 0)
        bottom = min(int(np.floor(max(a[1], b[1], c[1]) - 0.5)), height - 1)
        for row in range(top, bottom + 1):
            y = row + 0.5
            for column in range(left, right + 1):
                x = column + 0.5
                u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
                v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
                w = 1 - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                near = u * a[2] + v * b[2] + w * c[2]
                if near > nearness[row, column]:
                    nearness[row, column] = near
                    face[row, column] = number
                    weights[row, column, 0] = u * a[2] / near
                    weights[row, column, 1] = v * b[2] / near
                    weights[row, column, 2] = w * c[2] / near


@njit(cache=True, nogil=True)
def spread(image: NDArray[np.uint8], covered: NDArray[np.bool_], reach: int) -> None:
    """Fills uncovered texels of image [H, W, 3] up to reach away with the mean of their filled neighbours."""
    height, width = covered.shape
    filled = covered.copy()
    for _ in range(reach):
        known = filled.copy()
        for row in range(height):
            for column in range(width):
                if known[row, column]:
                    continue
                red, green, blue, count = 0, 0, 0, 0  # an array here would be allocated at every texel
                for y in range(max(row - 1, 0), min(row + 2, height)):
                    for x in range(max(column - 1, 0), min(column + 2, width)):
                        if known[y, x]:
                            count += 1
                            red += image[y, x, 0]
                            green += image[y, x, 1]
                            blue += image[y, x, 2]
                if count:
                    filled[row, column] = True
                    image[row, column, 0] = round(red / count)
                    image[row, column, 1] = round(green / count)
                    image[row, column, 2] = round(blue / count)
