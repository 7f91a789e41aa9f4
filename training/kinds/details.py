"""What several modellers put on their toys."""

import math

from training.palette import CREAM, DARK
from training.solids import Part, Solid, Vec

LEAF: Vec = (0.24, 0.60, 0.20)
ORANGE: Vec = (0.95, 0.50, 0.10)
ROSE: Vec = (0.95, 0.60, 0.65)


def put_eyes(solid: Solid, at: Vec, radius: float, mirror: str) -> None:
    """A dark ball and its image across the plane between the eyes."""
    solid.add(Part("ellipsoid", at, (radius, radius, radius), DARK), mirror)


def put_wheels(solid: Solid, at: Vec, radius: float, half: float, colour: Vec, mirror: str = "xy") -> None:
    """Wheels that turn about X, with pale hubs, mirrored from the one at +X."""
    tyre = Part("cone", at, (radius, radius, half), colour, turn=(0, 90, 0), rounding=0.3 * half)
    solid.add(tyre, mirror)
    x, y, z = at
    hub = Part("cone", (x + 0.7 * half, y, z), (0.42 * radius, 0.42 * radius, 0.5 * half), CREAM, (0, 90, 0))
    solid.add(hub, mirror)


def hat_place(centre: Vec, radii: Vec, level: float = 0.7) -> tuple[Vec, float]:
    """Where a hat sits on an ellipsoid: its height is a share of the upper radius."""
    x, y, z = centre
    return (x, y, z + level * radii[2]), (1 - level * level) ** 0.5 * min(radii[0], radii[1])


def around(count: int, radius: float, z: float, start: float = 0.0) -> list[tuple[Vec, float]]:
    """Places on a circle about Z, each with its azimuth in degrees."""
    angles = [start + 360 * n / count for n in range(count)]
    return [((radius * math.cos(math.radians(a)), radius * math.sin(math.radians(a)), z), a) for a in angles]
