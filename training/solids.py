"""Toys as constructive solids: a list of primitives joined, blended or cut away in order."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Shape = Literal["ellipsoid", "box", "cone", "torus"]
Vec = tuple[float, float, float]
Doubles = NDArray[np.float64]
STRETCHES: dict[str, Vec] = {"tall": (0.78, 0.78, 1.4), "wide": (1.35, 1.35, 0.75)}


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
    thin: bool = False  # one of the parts that the kind's `thin` names


@dataclass
class Solid:
    """Parts in modelling units, Z up, the front at +X; colours are sRGB in [0, 1]."""

    parts: list[Part] = field(default_factory=list)
    head: tuple[Vec, float] | None = (
        None  # where the middle of a hat's brim lies, and how wide the head is there
    )

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


def stretched(solid: Solid, size: str | None) -> Solid:
    """The solid drawn out as "tall" or "wide" says; as it was for any other size."""
    if size not in STRETCHES:
        return solid
    scale = STRETCHES[size]
    head = solid.head
    if head:
        head = (times(head[0], scale), head[1] * max(scale[0], float(np.prod(scale)) ** (1 / 3)))
    return Solid([drawn_out(part, scale) for part in solid.parts], head)


def drawn_out(part: Part, scale: Vec) -> Part:
    """The part scaled along X, Y and Z, as nearly as its shape can follow; thin ones get no thinner."""
    old = Rotation.from_euler("xyz", part.turn, degrees=True).as_matrix()
    turn, growth = moved_axes(old, reaches(part), np.array(scale))
    size = sizes(part, growth)
    if part.thin:
        size = restored(size, part)
    shrunk = min(new / was for was, new in zip(part.size, size, strict=True) if was > 0)
    a, b, c = turn.as_euler("xyz", degrees=True, suppress_warnings=True).tolist()
    found = replace(part, centre=times(part.centre, scale), size=size, turn=(a, b, c))
    if part.cut and part.shape == "box":
        found = replace(found, centre=behind_face(part, found, old, turn.as_matrix(), scale))
    return replace(found, rounding=part.rounding * min(1.0, shrunk))


def reaches(part: Part) -> Vec:
    """How far a part reaches along its own axes."""
    a, b, c = part.size
    if part.shape == "cone":
        return max(a, b), max(a, b), c
    return (a + b, a + b, b) if part.shape == "torus" else (a, b, c)


def moved_axes(old: Doubles, reach: Vec, scale: Doubles) -> tuple[Rotation, Doubles]:
    """Where a part's axes, the columns of `old` [3, 3], go when space is scaled, and how each grows [3].

    A scaled box is no box: the new axes are the rotation nearest to the scaled old ones, the long axes
    first. Sizes grow by |S e|, the thinnest as the distance between its two faces does, by 1 / |e / S|.
    """
    moved = old.T * scale
    growth: Doubles = np.linalg.norm(moved, axis=1)
    directions = moved / growth[:, None]
    turn, _ = Rotation.align_vectors(directions, np.eye(3), weights=np.power(reach, 6))
    thinnest = int(np.argmin(reach))
    growth[thinnest] = 1 / np.linalg.norm(old[:, thinnest] / scale)
    return turn, growth


def behind_face(part: Part, found: Part, old: Doubles, new: Doubles, scale: Vec) -> Vec:
    """The centre that puts the middle of a cut's inner face where scaling moves it."""
    axis = int(np.argmin(part.size))
    side = np.sign(old[:, axis] @ part.centre)
    face = (part.centre - side * part.size[axis] * old[:, axis]) * scale
    x, y, z = (face + side * found.size[axis] * new[:, axis]).tolist()
    return x, y, z


def sizes(part: Part, growth: Doubles) -> Vec:
    """A part's sizes grown along its own axes; radii that must stay equal take the geometric mean."""
    a, b, c = part.size
    x, y, z = (float(value) for value in growth)
    round_ = (x * y) ** 0.5
    if part.shape == "cone":
        return a * round_, b * round_, c * z
    if part.shape == "torus":
        return a * round_, b * (round_ * z) ** 0.5, c
    return a * x, b * y, c * z


def restored(size: Vec, part: Part) -> Vec:
    """Sizes of which the smallest is at least what it was: a stretched leg stays as thick."""
    low = min(value for value in part.size if value > 0)
    a, b, c = (max(new, old) if old <= 1.5 * low else new for new, old in zip(size, part.size, strict=True))
    return a, b, c


def times(vector: Vec, scale: Vec) -> Vec:
    return vector[0] * scale[0], vector[1] * scale[1], vector[2] * scale[2]
