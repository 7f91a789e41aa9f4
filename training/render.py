"""Sphere tracing of toys: a white background, one soft light beside the camera, antialiased edges."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from training.field import Field, Floats, solid_at
from training.shading import shade
from training.surfaces import CARTOON, PENCIL, Look, tints

DISTANCE, FOV_Y = 1.9, 40.0  # TripoSR's camera
BALL = 0.6  # radius of the ball that holds a toy
LIGHT = (0.45, -0.45, 0.77)  # towards the camera, to its right, up: the light turns with the camera
OFFSETS = np.array([[0.375, 0.125], [0.875, 0.375], [0.625, 0.875], [0.125, 0.625]], np.float32)
NOTHING = 9.0  # depth of a pixel whose ray misses
STROKE = 16  # pixels of 256 from one pencil stroke to the next: the side of a latent, so one says them all
INK = {CARTOON: (1.3, 0.08), PENCIL: (0.9, 0.30)}  # half width in pixels of 256 and level of outlines
PLAIN_LOOK = Look()


def camera(azimuth: float, elevation: float) -> tuple[Floats, Floats]:
    """Position [3] and axes [3, 3] (rows forward, right, up) of a camera at the origin; degrees, Z up."""
    a, e = math.radians(azimuth), math.radians(elevation)
    outward = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)], np.float32)
    right = np.array([-math.sin(a), math.cos(a), 0.0], np.float32)
    return DISTANCE * outward, np.stack([-outward, right, np.cross(right, -outward)]).astype(np.float32)


def draw(
    field: Field, azimuth: float, elevation: float, size: int = 256, look: Look = PLAIN_LOOK
) -> tuple[Floats, Floats]:
    """Colour [size, size, 3] over white and coverage [size, size], both in [0, 1].

    One ray a pixel, then four for the pixels where the first ones differ from a neighbour.
    """
    position, axes = camera(azimuth, elevation)
    light = LIGHT[0] * -axes[0] + LIGHT[1] * axes[1] + LIGHT[2] * np.array([0, 0, 1], np.float32)
    light = (light / np.linalg.norm(light)).astype(np.float32)
    scene = (field.table, tints(field.colours, look), position, axes, light)
    finish = (look.material_code, look.style_code, np.array(look.place, np.float32))
    everywhere = np.ones((size, size), np.bool_)
    picture = np.ones((size, size, 4), np.float32)
    seen = np.empty((size, size, 2), np.float32)
    centre = np.full((1, 2), 0.5, np.float32)
    paint(*scene, *finish, everywhere, centre, picture, seen)
    rest = np.empty((size, size, 2), np.float32)
    paint(*scene, *finish, edges(picture), OFFSETS, picture, rest)
    if look.style_code in INK:
        picture = outlined(picture, seen, *INK[look.style_code])
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


def outlined(picture: Floats, seen: Floats, half_width: float, level: float) -> Floats:
    """A picture [H, W, 4] with ink around its parts, for the depth and part [H, W, 2] that pixels show."""
    depth, part = seen[..., 0], seen[..., 1]
    rim = np.zeros(depth.shape, np.bool_)
    for axis in (0, 1):
        jump = (np.abs(np.diff(depth, axis=axis)) > 0.05) | (np.diff(part, axis=axis) != 0)
        rim |= np.pad(jump, [(0, 1) if axis == n else (0, 0) for n in (0, 1)])
    away = ndimage.distance_transform_edt(~rim)
    ink = np.clip(half_width * depth.shape[0] / 256 + 0.5 - away, 0, 1)[..., None].astype(np.float32)
    found: Floats = picture.copy()
    found[..., :3] += ink * (level - found[..., :3])
    found[..., 3:] = np.maximum(found[..., 3:], ink)
    return found


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
def hatched(value: float, bright: float, across: float) -> float:
    """A channel under pencil strokes, the broader the darker the place; `across` counts strokes."""
    stroke = abs(2 * (across - math.floor(across)) - 1)  # 1 in the middle of a stroke, 0 between two
    covered = 0.15 + 0.75 * (1 - bright)
    pressed = min(max((stroke - (1 - covered)) * 4 + 0.5, 0.0), 1.0)
    return value * (1 - 0.62 * pressed) + 0.30 * (1 - value) * (1 - pressed)


@njit(cache=True, fastmath=True)
def paint(
    table: Floats,
    colours: Floats,
    position: Floats,
    axes: Floats,
    light: Floats,
    material: int,
    style: int,
    place: Floats,
    where: NDArray[np.bool_],
    offsets: Floats,
    picture: Floats,
    seen: Floats,
) -> None:
    """Fill the chosen pixels of a picture [H, W, 4] with the mean of rays at `offsets` [K, 2] in each.

    `seen` [H, W, 2] gets the depth and the first colour of the part that the last ray of a pixel met.
    """
    size, half, share = picture.shape[0], math.tan(math.radians(FOV_Y / 2)), 1.0 / offsets.shape[0]
    for row in range(size):
        for column in range(size):
            if not where[row, column]:
                continue
            red = green = blue = cover = 0.0
            seen[row, column, 0], seen[row, column, 1] = NOTHING, -1.0
            for k in range(offsets.shape[0]):
                px, py = (column + offsets[k, 0]) / size, (row + offsets[k, 1]) / size
                across, up = (2 * px - 1) * half, (1 - 2 * py) * half
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
                r, g, b, bright = shade(table, colours, x, y, z, axes, light, material, style, place)
                if style == PENCIL:
                    strokes = (px + py) * 256 / STROKE
                    r, g, b = (
                        hatched(r, bright, strokes),
                        hatched(g, bright, strokes),
                        hatched(b, bright, strokes),
                    )
                red, green, blue, cover = red + r, green + g, blue + b, cover + 1
                _distance, part = solid_at(table, x, y, z)
                seen[row, column, 0] = depth
                seen[row, column, 1] = 65536 * colours[part, 0] + 256 * colours[part, 1] + colours[part, 2]
            picture[row, column, 0] = red * share
            picture[row, column, 1] = green * share
            picture[row, column, 2] = blue * share
            picture[row, column, 3] = cover * share
