"""Sphere tracing of toys: a white background, one soft light beside the camera, antialiased edges."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.field import Field, Floats, solid_at

DISTANCE, FOV_Y = 1.9, 40.0  # TripoSR's camera
BALL = 0.6  # radius of the ball that holds a toy
LIGHT = (0.45, -0.45, 0.77)  # towards the camera, to its right, up: the light turns with the camera
OFFSETS = np.array([[0.375, 0.125], [0.875, 0.375], [0.625, 0.875], [0.125, 0.625]], np.float32)


def camera(azimuth: float, elevation: float) -> tuple[Floats, Floats]:
    """Position [3] and axes [3, 3] (rows forward, right, up) of a camera at the origin; degrees, Z up."""
    a, e = math.radians(azimuth), math.radians(elevation)
    outward = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)], np.float32)
    right = np.array([-math.sin(a), math.cos(a), 0.0], np.float32)
    return DISTANCE * outward, np.stack([-outward, right, np.cross(right, -outward)]).astype(np.float32)


def draw(field: Field, azimuth: float, elevation: float, size: int = 256) -> tuple[Floats, Floats]:
    """Colour [size, size, 3] over white and coverage [size, size], both in [0, 1].

    One ray a pixel, then four for the pixels where the first ones differ from a neighbour.
    """
    position, axes = camera(azimuth, elevation)
    light = LIGHT[0] * -axes[0] + LIGHT[1] * axes[1] + LIGHT[2] * np.array([0, 0, 1], np.float32)
    light = (light / np.linalg.norm(light)).astype(np.float32)
    everywhere = np.ones((size, size), np.bool_)
    picture = np.ones((size, size, 4), np.float32)
    centre = np.full((1, 2), 0.5, np.float32)
    paint(field.table, field.colours, position, axes, light, everywhere, centre, picture)
    paint(field.table, field.colours, position, axes, light, edges(picture), OFFSETS, picture)
    return picture[..., :3], picture[..., 3]


def edges(picture: Floats) -> NDArray[np.bool_]:
    """Pixels [H, W] that differ visibly from a neighbour, for a picture [H, W, C]."""
    edge = np.zeros(picture.shape[:2], np.bool_)
    rows = np.abs(picture[1:] - picture[:-1]).max(-1) > 0.08
    columns = np.abs(picture[:, 1:] - picture[:, :-1]).max(-1) > 0.08
    edge[1:] |= rows
    edge[:-1] |= rows
    edge[:, 1:] |= columns
    edge[:, :-1] |= columns
    return edge


@njit(cache=True, fastmath=True)
def hit(table: Floats, position: Floats, dx: float, dy: float, dz: float) -> float:
    """How far along a unit ray the surface lies; negative where the ray misses."""
    along = dx * position[0] + dy * position[1] + dz * position[2]
    inner = along * along - (position[0] ** 2 + position[1] ** 2 + position[2] ** 2 - BALL * BALL)
    if inner <= 0:
        return -1.0
    depth, limit = -along - math.sqrt(inner), -along + math.sqrt(inner)
    for _ in range(96):
        distance, _part = solid_at(
            table, position[0] + depth * dx, position[1] + depth * dy, position[2] + depth * dz
        )
        if distance < 0.0008:
            return depth
        depth += distance * 0.9
        if depth > limit:
            break
    return -1.0


@njit(cache=True, fastmath=True)
def shade(
    table: Floats, colours: Floats, x: float, y: float, z: float, towards: Floats, light: Floats
) -> tuple[float, float, float]:
    """sRGB colour of a surface point: soft light, darker in creases, a small gloss."""
    step = 0.004
    a, part = solid_at(table, x + step, y - step, z - step)
    b, part = solid_at(table, x - step, y - step, z + step)
    c, part = solid_at(table, x - step, y + step, z - step)
    d, part = solid_at(table, x + step, y + step, z + step)
    nx, ny, nz = a - b - c + d, -a - b + c + d, -a + b - c + d
    length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    nx, ny, nz = nx / length, ny / length, nz / length
    diffuse = 0.5 + 0.5 * (nx * light[0] + ny * light[1] + nz * light[2])
    free, part = solid_at(table, x + 0.07 * nx, y + 0.07 * ny, z + 0.07 * nz)
    openness = (min(max(free / 0.07, 0.0), 1.0) * 0.7 + 0.3) ** 0.6
    hx, hy, hz = light[0] + towards[0], light[1] + towards[1], light[2] + towards[2]
    halfway = (nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz)
    gloss = 0.14 * max(halfway, 0.0) ** 40
    factor = (0.50 + 0.47 * diffuse) * (0.75 + 0.25 * openness)
    _distance, part = solid_at(table, x, y, z)
    return (
        min(colours[part, 0] * factor + gloss, 1.0),
        min(colours[part, 1] * factor + gloss, 1.0),
        min(colours[part, 2] * factor + gloss, 1.0),
    )


@njit(cache=True, fastmath=True)
def paint(
    table: Floats,
    colours: Floats,
    position: Floats,
    axes: Floats,
    light: Floats,
    where: NDArray[np.bool_],
    offsets: Floats,
    picture: Floats,
) -> None:
    """Fill the chosen pixels of a picture [H, W, 4] with the mean of rays at `offsets` [K, 2] in each."""
    size, half, share = picture.shape[0], math.tan(math.radians(FOV_Y / 2)), 1.0 / offsets.shape[0]
    towards = -axes[0]
    for row in range(size):
        for column in range(size):
            if not where[row, column]:
                continue
            red = green = blue = cover = 0.0
            for k in range(offsets.shape[0]):
                across = (2 * (column + offsets[k, 0]) / size - 1) * half
                up = (1 - 2 * (row + offsets[k, 1]) / size) * half
                dx = axes[0, 0] + across * axes[1, 0] + up * axes[2, 0]
                dy = axes[0, 1] + across * axes[1, 1] + up * axes[2, 1]
                dz = axes[0, 2] + across * axes[1, 2] + up * axes[2, 2]
                length = math.sqrt(dx * dx + dy * dy + dz * dz)
                dx, dy, dz = dx / length, dy / length, dz / length
                depth = hit(table, position, dx, dy, dz)
                if depth < 0:
                    red, green, blue = red + 1, green + 1, blue + 1
                    continue
                x, y, z = position[0] + depth * dx, position[1] + depth * dy, position[2] + depth * dz
                r, g, b = shade(table, colours, x, y, z, towards, light)
                red, green, blue, cover = red + r, green + g, blue + b, cover + 1
            picture[row, column, 0] = red * share
            picture[row, column, 1] = green * share
            picture[row, column, 2] = blue * share
            picture[row, column, 3] = cover * share
