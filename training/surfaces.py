"""What toys are made of, and in which style they are shown: the colour of a surface, compiled.

Every mark is as broad as the autoencoder's latents can hold, 16 pixels of 256 (`BROAD`): what is finer, no
diffusion model of these latents could ever learn to draw.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from training.description import MATERIALS, STYLES
from training.solids import Vec

BROAD = 0.086  # units of the toys that 16 pixels show
PLAIN, WOOD, METAL, STONE, GLASS, GLOSSY, MATTE = range(7)
AS_IT_IS, CARTOON, CLAY, PENCIL = range(4)
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """Material and style of a toy, None where it is plain, and where in the endless block it was cut from."""

    material: str | None = None
    style: str | None = None
    place: Vec = (0.0, 0.0, 0.0)

    @property
    def material_code(self) -> int:
        return 1 + MATERIALS.index(self.material) if self.material else PLAIN

    @property
    def style_code(self) -> int:
        return 1 + STYLES.index(self.style) if self.style else AS_IT_IS


def tints(colours: np.ndarray[tuple[int, int], np.dtype[np.float32]], look: Look) -> np.ndarray:
    """The even colours [P, 3] that a look's marks lie on, for the colours of the parts; sRGB in [0, 1]."""
    share, towards = {
        WOOD: (0.30, (0.66, 0.45, 0.26)),
        METAL: (0.30, (0.62, 0.64, 0.67)),
        STONE: (0.30, (0.58, 0.57, 0.54)),
        GLASS: (0.42, (0.97, 0.99, 1.00)),
        MATTE: (0.34, (0.90, 0.88, 0.84)),
    }.get(look.material_code, (0.0, (0.0, 0.0, 0.0)))
    found = colours + share * (np.array(towards, np.float32) - colours)
    if look.style_code == CLAY:
        found = found + 0.20 * (np.array((0.80, 0.58, 0.44), np.float32) - found)
    if look.style_code == PENCIL:
        found = found + 0.35 * (1 - found)
    return np.ascontiguousarray(found, np.float32)


@njit(cache=True, fastmath=True)
def lattice(i: int, j: int, k: int) -> float:
    """A number in [-1, 1] that belongs to one corner of the lattice of whole numbers."""
    mixed = (i * 73856093) ^ (j * 19349663) ^ (k * 83492791)
    mixed = (mixed ^ (mixed >> 13)) * 1274126177 & 0x7FFFFFFF
    mixed = (mixed ^ (mixed >> 16)) & 0xFFFF
    return mixed / 32767.5 - 1.0


@njit(cache=True, fastmath=True)
def noise(x: float, y: float, z: float) -> float:
    """Value noise in [-1, 1] with one lattice corner a unit, blended smoothly (Perlin's cubic)."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    u, v, w = x - i, y - j, z - k
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    a, b, c = int(i), int(j), int(k)
    low = (lattice(a, b, c) * (1 - u) + lattice(a + 1, b, c) * u) * (1 - v) + (
        lattice(a, b + 1, c) * (1 - u) + lattice(a + 1, b + 1, c) * u
    ) * v
    high = (lattice(a, b, c + 1) * (1 - u) + lattice(a + 1, b, c + 1) * u) * (1 - v) + (
        lattice(a, b + 1, c + 1) * (1 - u) + lattice(a + 1, b + 1, c + 1) * u
    ) * v
    return low * (1 - w) + high * w


@njit(cache=True, fastmath=True)
def step_between(low: float, high: float, value: float) -> float:
    """0 below `low`, 1 above `high`, smooth in between."""
    t = min(max((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@njit(cache=True, fastmath=True)
def veined(material: int, x: float, y: float, z: float) -> tuple[float, float]:
    """Brightness of a place in the block, and how much of a dark vein lies there, both around 1 and 0."""
    if material == WOOD:
        rings = math.sqrt((x - 0.9) ** 2 + (y + 0.5) ** 2) * 0.35 + z + 0.04 * noise(3 * x, 3 * y, 3 * z)
        wave = 0.5 + 0.5 * math.sin(2 * math.pi * rings / (1.25 * BROAD))
        return 1.06, 0.75 * step_between(0.45, 0.95, wave)
    if material == STONE:
        u, v, w = x / BROAD, y / BROAD, z / BROAD
        return 0.97 + 0.38 * noise(u, v, w) + 0.19 * noise(2 * u, 2 * v, 2 * w), 0.0
    return 1.0, 0.0


@njit(cache=True, fastmath=True)
def mirrored_room(material: int, up: float, towards_light: float, glare: float) -> tuple[float, float]:
    """What a shining surface shows of the room around it: a factor for its colour, and white on top.

    `up` and `towards_light` are the reflected ray's cosines; `glare` in [0, 1] is the window's streak over
    flat sides, that would otherwise show one point of the room all over.
    """
    window = step_between(0.80, 0.90, towards_light)
    if material == METAL:
        sky = step_between(-0.05, 0.75, up)
        ground = step_between(0.10, 0.80, -up)
        return 0.52 + 0.85 * sky + 0.40 * ground + 0.40 * glare, 0.45 * window
    if material == GLASS:
        return 1.0, 0.60 * window + 0.16 * glare
    return 1.0, 0.72 * window + 0.34 * glare
