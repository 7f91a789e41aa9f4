"""How a surface point of a toy looks to the camera, compiled: light, gloss, material and style."""

import math

from numba import njit

from training.field import Floats, solid_at
from training.surfaces import (
    AS_IT_IS,
    BROAD,
    CARTOON,
    CLAY,
    GLASS,
    GLOSSY,
    MATTE,
    METAL,
    PENCIL,
    PLAIN,
    STONE,
    WOOD,
    Colour,
    mirrored_room,
    noise,
    step_between,
    veined,
)

STEP = 0.004  # reach of the differences that make a normal
VEIN = (0.33, 0.20, 0.10)  # a year ring in wood


@njit(cache=True, fastmath=True)
def normal_at(table: Floats, x: float, y: float, z: float) -> Colour:
    """Unit normal of the surface, by four samples at a tetrahedron's corners."""
    a, _ = solid_at(table, x + STEP, y - STEP, z - STEP)
    b, _ = solid_at(table, x - STEP, y - STEP, z + STEP)
    c, _ = solid_at(table, x - STEP, y + STEP, z - STEP)
    d, _ = solid_at(table, x + STEP, y + STEP, z + STEP)
    nx, ny, nz = a - b - c + d, -a - b + c + d, -a + b - c + d
    length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    return nx / length, ny / length, nz / length


@njit(cache=True, fastmath=True)
def dented(nx: float, ny: float, nz: float, x: float, y: float, z: float) -> Colour:
    """A normal as thumbs leave it in clay: pushed about by the slope of broad noise."""
    scale = 0.7 / BROAD
    here = noise(x * scale, y * scale, z * scale)
    gx = noise(x * scale + 0.1, y * scale, z * scale) - here
    gy = noise(x * scale, y * scale + 0.1, z * scale) - here
    gz = noise(x * scale, y * scale, z * scale + 0.1) - here
    nx, ny, nz = nx - 5.5 * gx, ny - 5.5 * gy, nz - 5.5 * gz
    length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    return nx / length, ny / length, nz / length


@njit(cache=True, fastmath=True)
def brightness(diffuse: float, openness: float, material: int, style: int) -> float:
    """Share of its own colour that a surface shows, for light and creases in [0, 1]."""
    if style == CARTOON:
        level = 0.62 + 0.20 * step_between(0.42, 0.46, diffuse) + 0.22 * step_between(0.74, 0.78, diffuse)
        return level * (0.85 + 0.15 * openness)
    if material == MATTE:
        return (0.80 + 0.18 * diffuse) * (0.62 + 0.38 * openness)
    if material == GLOSSY:
        return (0.40 + 0.58 * diffuse) * (0.75 + 0.25 * openness)
    if style == CLAY:
        return (0.30 + 0.72 * diffuse) * (0.65 + 0.35 * openness)
    return (0.50 + 0.47 * diffuse) * (0.75 + 0.25 * openness)


@njit(cache=True, fastmath=True)
def shade(
    table: Floats,
    colours: Floats,
    x: float,
    y: float,
    z: float,
    axes: Floats,
    light: Floats,
    material: int,
    style: int,
    place: Floats,
) -> tuple[float, float, float, float]:
    """sRGB colour of a surface point, and how bright it is, for the strokes of a pencil; all in [0, 1]."""
    nx, ny, nz = normal_at(table, x, y, z)
    free, _ = solid_at(table, x + 0.07 * nx, y + 0.07 * ny, z + 0.07 * nz)
    openness = (min(max(free / 0.07, 0.0), 1.0) * 0.7 + 0.3) ** 0.6
    bx, by, bz = x + place[0], y + place[1], z + place[2]
    if style == CLAY:
        nx, ny, nz = dented(nx, ny, nz, bx, by, bz)
    diffuse = 0.5 + 0.5 * (nx * light[0] + ny * light[1] + nz * light[2])
    facing = -(nx * axes[0, 0] + ny * axes[0, 1] + nz * axes[0, 2])
    factor = brightness(diffuse, openness, material, style)
    _distance, part = solid_at(table, x, y, z)
    r, g, b = colours[part, 0], colours[part, 1], colours[part, 2]
    if material in (WOOD, STONE):
        even, vein = veined(material, bx, by, bz)
        r, g, b = r + vein * (VEIN[0] - r), g + vein * (VEIN[1] - g), b + vein * (VEIN[2] - b)
        factor *= even
    white = 0.0
    if material in (METAL, GLASS, GLOSSY):
        rx, ry, rz = 2 * facing * nx + axes[0, 0], 2 * facing * ny + axes[0, 1], 2 * facing * nz + axes[0, 2]
        across = (x * axes[1, 0] + y * axes[1, 1] + z * axes[1, 2]) + (
            x * axes[2, 0] + y * axes[2, 1] + z * axes[2, 2]
        )
        glare = math.sin(2 * math.pi * (across + place[0]) / (5.2 * BROAD))
        glare = step_between(-0.6, 0.9, glare) if material == METAL else step_between(0.62, 0.90, glare)
        shown, white = mirrored_room(material, rz, rx * light[0] + ry * light[1] + rz * light[2], glare)
        factor *= shown
        if material == GLASS:  # clear in the middle, of full colour at the rim
            clear = 0.50 * step_between(0.35, 0.85, facing)
            r, g, b = r + clear * (1 - r), g + clear * (1 - g), b + clear * (1 - b)
            factor = 0.80 * factor + 0.20
    elif material == PLAIN and style == AS_IT_IS:
        hx, hy, hz = light[0] - axes[0, 0], light[1] - axes[0, 1], light[2] - axes[0, 2]
        halfway = (nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz)
        white = 0.14 * max(halfway, 0.0) ** 40
    if style == PENCIL:
        white = 0.25 * white
        factor = 0.55 + 0.45 * factor
    return (
        min(max(r * factor + white, 0.0), 1.0),
        min(max(g * factor + white, 0.0), 1.0),
        min(max(b * factor + white, 0.0), 1.0),
        min(max(diffuse * openness, 0.0), 1.0),
    )
