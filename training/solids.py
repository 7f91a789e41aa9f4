"""Toys as constructive solids: a list of primitives joined, blended or cut away in order."""

from dataclasses import dataclass, field, replace
from typing import Literal

Shape = Literal["ellipsoid", "box", "cone", "torus"]
Vec = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """One primitive. Sizes by shape: ellipsoid radii, box half sides, cone (bottom radius, top radius,
    half height) along Z, torus (ring radius, tube radius, unused) around Z."""

    shape: Shape
    centre: Vec
    size: Vec
    colour: Vec
    turn: Vec = (0.0, 0.0, 0.0)  # degrees about X, then Y, then Z
    rounding: float = 0.0
    blend: float = 0.0  # radius of the smooth union with what came before
    cut: bool = False


@dataclass
class Solid:
    """Parts in modelling units, Z up, the front at +X; colours are sRGB in [0, 1]."""

    parts: list[Part] = field(default_factory=list)

    def add(self, part: Part, mirror: str = "") -> None:
        """Add a part, and its mirror images across the planes named by axes, such as "y" or "xy"."""
        images = [part]
        for axis in mirror:
            images += [mirrored(image, "xyz".index(axis)) for image in images]
        self.parts += images


def mirrored(part: Part, axis: int) -> Part:
    """The part reflected across the plane normal to an axis; all four shapes are symmetric themselves."""
    centre, turn = list(part.centre), list(part.turn)
    centre[axis] = -centre[axis]
    for other in range(3):
        if other != axis:
            turn[other] = -turn[other]
    return replace(part, centre=(centre[0], centre[1], centre[2]), turn=(turn[0], turn[1], turn[2]))
