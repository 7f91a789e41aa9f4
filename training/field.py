"""Signed distance and colour of a solid, compiled: millions of points a second on one core."""

import math
from copy import copy

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.solids import Part, Solid, Vec

Floats = NDArray[np.float32]
SHAPES = {"ellipsoid": 0, "box": 1, "cone": 2, "torus": 3}
# One row a part: shape, centre (3), rotation (9), size (3), rounding, blend, cut, bounding radius
ROW = 20


class Field:
    """A solid scaled and centred into a ball around the origin.

    `table` [P, 20] describes the parts to the compiled functions, `colours` [P, 3] are sRGB in [0, 1].
    """

    def __init__(self, solid: Solid, radius: float = 0.58) -> None:
        self.colours: Floats = np.array([part.colour for part in solid.parts], np.float32)
        table = np.array([table_row(part) for part in solid.parts], np.float32)
        centre, reach = ball(table)
        table[:, 1:4] -= centre
        scale = radius / reach
        table[:, 1:4] *= scale
        table[:, 13:18] *= scale
        table[:, 19] *= scale
        self.table: Floats = table

    def scaled(self, factor: float) -> "Field":
        """The same solid, so many times as large, around the same origin."""
        found = copy(self)
        found.table = self.table.copy()
        found.table[:, 1:4] *= factor
        found.table[:, 13:18] *= factor
        found.table[:, 19] *= factor
        return found

    def distance(self, points: Floats) -> Floats:
        """Signed distance [N], negative inside, at points [N, 3]."""
        result: Floats = ask(self.table, np.ascontiguousarray(points, np.float32))[0]
        return result

    def colour(self, points: Floats) -> Floats:
        """sRGB colour [N, 3] of the deciding part at points [N, 3]."""
        chosen = ask(self.table, np.ascontiguousarray(points, np.float32))[1]
        result: Floats = self.colours[chosen]
        return result


def table_row(part: Part) -> list[float]:
    """A part as the numbers that the compiled functions read."""
    a, b, c = part.size
    reach = {
        "ellipsoid": max(a, b, c),
        "box": math.hypot(a, b, c),
        "cone": math.hypot(max(a, b), c),
        "torus": a + b,
    }
    return [
        SHAPES[part.shape], *part.centre, *rotation(part.turn).reshape(-1).tolist(), *part.size,
        part.rounding, part.blend, float(part.cut), reach[part.shape],
    ]  # fmt: skip


def rotation(turn: Vec) -> Floats:
    """Rotation matrix [3, 3] of degrees about X, then Y, then Z."""
    (cx, sx), (cy, sy), (cz, sz) = [(math.cos(math.radians(a)), math.sin(math.radians(a))) for a in turn]
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]], np.float32)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]], np.float32)
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]], np.float32)
    product: Floats = (about_z @ about_y @ about_x).astype(np.float32)
    return product


def ball(table: Floats) -> tuple[Floats, float]:
    """Centre [3] of the box around the surface, and the reach from there to the farthest point inside."""
    solid = table[table[:, 18] == 0]
    low, high = (solid[:, 1:4] - solid[:, 19:]).min(0), (solid[:, 1:4] + solid[:, 19:]).max(0)
    for cells in (28, 40):
        points = grid(low, high, cells)
        inside = points[ask(table, points)[0] < float((high - low).max()) / cells / 4]
        margin = (high - low) / cells
        low, high = inside.min(0) - margin, inside.max(0) + margin
    centre = (inside.min(0) + inside.max(0)) / 2
    return centre, float(np.linalg.norm(inside - centre, axis=1).max())


def grid(low: Floats | float, high: Floats | float, cells: int) -> Floats:
    """Points [cells ** 3, 3] of a regular grid between two corners; a number stands for all three axes."""
    axes = np.linspace(np.broadcast_to(low, 3), np.broadcast_to(high, 3), cells, dtype=np.float32, axis=1)
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)


@njit(cache=True, fastmath=True)
def primitive(row: Floats, x: float, y: float, z: float) -> float:
    """Signed distance from a point in the part's own axes.

    Ellipsoid: the first-order estimate f / |grad f|, exact for a sphere. Box: edges rounded inwards.
    Cone frustum along Z: the nearer of cap and side in the (radius, z) half plane. Torus: around Z.
    """
    a, b, c, rounding = row[13], row[14], row[15], row[16]
    if row[0] == 0:
        unit = math.sqrt((x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2)
        gradient = math.sqrt((x / (a * a)) ** 2 + (y / (b * b)) ** 2 + (z / (c * c)) ** 2)
        return unit * (unit - 1) / gradient if gradient > 1e-6 else -min(a, b, c)
    if row[0] == 1:
        qx, qy, qz = abs(x) - a + rounding, abs(y) - b + rounding, abs(z) - c + rounding
        outside = math.sqrt(max(qx, 0.0) ** 2 + max(qy, 0.0) ** 2 + max(qz, 0.0) ** 2)
        return outside + min(max(qx, qy, qz), 0.0) - rounding
    radius = math.sqrt(x * x + y * y)
    if row[0] == 3:
        return math.sqrt((radius - a) ** 2 + z * z) - b
    bottom, top, half = max(a - rounding, 0.0), max(b - rounding, 0.0), c - rounding
    cap_r = max(radius - (bottom if z < 0 else top), 0.0)
    cap_z = abs(z) - half
    side_r, side_z = top - bottom, 2 * half
    along = ((radius - bottom) * side_r + (z + half) * side_z) / (side_r * side_r + side_z * side_z)
    along = min(max(along, 0.0), 1.0)
    off_r, off_z = radius - bottom - along * side_r, z + half - along * side_z
    nearest = math.sqrt(min(cap_r * cap_r + cap_z * cap_z, off_r * off_r + off_z * off_z))
    return (-nearest if off_r < 0 and cap_z < 0 else nearest) - rounding


@njit(cache=True, fastmath=True)
def solid_at(table: Floats, x: float, y: float, z: float) -> tuple[float, int]:
    """Signed distance at a point, and the part that decides it; parts too far away are passed over."""
    distance, chosen = 1e3, 0
    for index in range(table.shape[0]):
        row = table[index]
        dx, dy, dz = x - row[1], y - row[2], z - row[3]
        lower = math.sqrt(dx * dx + dy * dy + dz * dz) - row[19]
        if lower > (-distance if row[18] > 0 else distance + row[17]):
            continue
        one = primitive(
            row,
            dx * row[4] + dy * row[7] + dz * row[10],
            dx * row[5] + dy * row[8] + dz * row[11],
            dx * row[6] + dy * row[9] + dz * row[12],
        )
        if row[18] > 0:
            if -one > distance:
                distance, chosen = -one, index
            continue
        if one < distance:
            chosen = index
        overlap = max(row[17] - abs(distance - one), 0.0)
        distance = min(distance, one)
        if overlap > 0:  # quadratic polynomial smooth minimum
            distance -= overlap * overlap / (4 * row[17])
    return distance, chosen


@njit(cache=True, fastmath=True)
def ask(table: Floats, points: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Signed distance [N] and deciding part [N] at points [N, 3]."""
    distance = np.empty(points.shape[0], np.float32)
    chosen = np.empty(points.shape[0], np.int64)
    for n in range(points.shape[0]):
        distance[n], chosen[n] = solid_at(table, points[n, 0], points[n, 1], points[n, 2])
    return distance, chosen
