"""The kinds of toys: each a function that models one from random proportions and two colours.

The front looks along +X; what is long (a car, a fish) lies along Y, so that the front view shows its side.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from training.palette import CREAM, DARK, GLASS, TAN, WOOD
from training.solids import Part, Solid, Vec

Modeller = Callable[[random.Random, Vec, Vec], Solid]


@dataclass(frozen=True)
class Kind:
    """A kind of toy: its modeller, the part of the second colour, and that colour when none is named."""

    model: Modeller
    second: str
    natural: Vec | None  # None: the main colour again
    words: tuple[str, ...] = ()


def mushroom(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    height, stem, cap = u(0.7, 1.2), u(0.14, 0.28), u(0.5, 0.72)
    solid.add(Part("cone", (0, 0, height / 2), (stem * u(1.0, 1.4), stem, height / 2), second, rounding=0.06))
    solid.add(Part("ellipsoid", (0, 0, height), (cap, cap, cap * u(0.6, 0.9)), main))
    solid.add(Part("box", (0, 0, height - 0.5), (0.9, 0.9, 0.46), second, cut=True))
    solid.add(Part("cone", (0, 0, height / 2), (stem * u(1.0, 1.4), stem, height / 2), second, rounding=0.06))
    for turn in range(rng.choice((0, 0, 5, 6))):
        solid.add(_dot(cap * 0.93, 70 * turn, height, cap))
    return solid


def _dot(reach: float, degrees: float, height: float, cap: float) -> Part:
    """A pale dot on a mushroom's cap."""
    x, y = reach * 0.72 * math.cos(math.radians(degrees)), reach * 0.72 * math.sin(math.radians(degrees))
    return Part("ellipsoid", (x, y, height + cap * 0.42), (0.09, 0.09, 0.09), CREAM)


def chair(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, seat, back, leg = u(0.38, 0.5), u(0.45, 0.65), u(0.55, 0.85), u(0.05, 0.08)
    solid.add(Part("box", (0, 0, seat), (half, half, 0.07), second, rounding=0.03))
    solid.add(Part("cone", (half - leg, half - leg, seat / 2), (leg, leg, seat / 2), main), mirror="xy")
    if rng.random() < 0.5:
        solid.add(
            Part("box", (-half + 0.05, 0, seat + back / 2), (0.06, half, back / 2), main, rounding=0.04)
        )
        return solid
    solid.add(
        Part(
            "box", (-half + 0.05, half - 0.06, seat + back / 2), (0.05, 0.06, back / 2), main, rounding=0.02
        ),
        "y",
    )
    for level in (0.5, 0.9):
        solid.add(
            Part("box", (-half + 0.05, 0, seat + back * level), (0.05, half, 0.08), main, rounding=0.02)
        )
    return solid


def table(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, depth, height, leg = u(0.6, 0.85), u(0.4, 0.6), u(0.5, 0.8), u(0.05, 0.09)
    if rng.random() < 0.35:
        solid.add(Part("cone", (0, 0, height), (width, width, 0.06), main, rounding=0.03))
        solid.add(Part("cone", (0, 0, height / 2), (0.1, 0.1, height / 2), second))
        solid.add(Part("cone", (0, 0, 0.04), (width * 0.6, width * 0.5, 0.05), second, rounding=0.02))
        return solid
    solid.add(Part("box", (0, 0, height), (depth, width, 0.07), main, rounding=0.03))
    solid.add(
        Part("box", (depth - leg, width - leg, height / 2), (leg, leg, height / 2), second), mirror="xy"
    )
    return solid


def mug(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    radius, half = u(0.36, 0.5), u(0.4, 0.6)
    bottom = radius * u(0.85, 1.0)
    solid.add(Part("torus", (0, radius + 0.02, 0), (half * 0.55, u(0.07, 0.1), 0), second, turn=(0, 90, 0)))
    solid.add(Part("cone", (0, 0, 0), (bottom, radius, half), main, rounding=0.05))
    solid.add(Part("cone", (0, 0, 0.12), (bottom - 0.08, radius - 0.07, half), main, cut=True))
    return solid


def rocket(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    radius, half = u(0.24, 0.34), u(0.55, 0.8)
    solid.add(Part("ellipsoid", (0, 0, 0), (radius, radius, half * 1.25), main))
    solid.add(Part("box", (0, 0, -half - 0.45), (0.8, 0.8, 0.45), main, cut=True))
    solid.add(Part("cone", (0, 0, -half - 0.02), (radius * 0.7, radius * 0.5, 0.08), DARK))
    solid.add(Part("cone", (0, 0, half * 0.98), (radius * 0.58, 0.02, half * 0.32), second, rounding=0.02))
    fin, low = u(0.2, 0.3), -half * 0.72
    solid.add(
        Part("box", (0, radius + fin * 0.4, low), (0.045, fin, 0.2), second, turn=(35, 0, 0), rounding=0.03),
        "y",
    )
    solid.add(
        Part("box", (radius + fin * 0.4, 0, low), (fin, 0.045, 0.2), second, turn=(0, -35, 0), rounding=0.03),
        "x",
    )
    solid.add(Part("ellipsoid", (radius * 0.82, 0, half * 0.25), (0.08, radius * 0.45, radius * 0.45), GLASS))
    return solid


def tree(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    trunk, height = u(0.1, 0.16), u(0.35, 0.6)
    solid.add(Part("cone", (0, 0, height / 2), (trunk * 1.2, trunk, height / 2 + 0.1), second))
    if rng.random() < 0.5:
        for level in range(3):
            wide = 0.56 - 0.13 * level
            solid.add(
                Part(
                    "cone", (0, 0, height + 0.2 + 0.33 * level), (wide, 0.03 + 0.1 * (2 - level), 0.26), main
                )
            )
        return solid
    crown = u(0.38, 0.5)
    solid.add(Part("ellipsoid", (0, 0, height + crown * 0.9), (crown, crown, crown * u(0.9, 1.2)), main))
    for angle_y, angle_x in ((1, 0.3), (-1, -0.2), (0.1, 1), (0, -1)):
        centre = (angle_x * crown * 0.6, angle_y * crown * 0.6, height + crown * u(0.5, 1.1))
        solid.add(Part("ellipsoid", centre, (crown * 0.62,) * 3, main, blend=0.12))
    return solid


def car(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, width, wheel = u(0.75, 0.95), u(0.34, 0.42), u(0.17, 0.22)
    solid.add(Part("box", (0, 0, 0.34), (width, length, u(0.17, 0.22)), main, rounding=0.12))
    cabin, at = length * u(0.45, 0.6), u(-0.15, 0.1)
    solid.add(Part("box", (0, at, 0.6), (width * 0.88, cabin, 0.2), main, rounding=0.12, blend=0.05))
    solid.add(Part("box", (0, at, 0.63), (width * 0.92, cabin * 0.72, 0.095), GLASS, rounding=0.04))
    solid.add(Part("box", (0, at, 0.63), (width * 0.6, cabin * 1.04, 0.095), GLASS, rounding=0.04))
    tyre = Part(
        "cone", (width, length * 0.58, wheel), (wheel, wheel, 0.08), second, turn=(0, 90, 0), rounding=0.03
    )
    solid.add(tyre, mirror="xy")
    hub = Part(
        "cone", (width + 0.06, length * 0.58, wheel), (wheel * 0.5, wheel * 0.5, 0.04), CREAM, turn=(0, 90, 0)
    )
    solid.add(hub, mirror="xy")
    return solid


def lamp(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    height, shade, drop = u(0.9, 1.3), u(0.4, 0.55), u(0.2, 0.3)
    solid.add(Part("cone", (0, 0, 0.05), (u(0.28, 0.38), 0.24, 0.06), second, rounding=0.03))
    if rng.random() < 0.5:
        solid.add(Part("ellipsoid", (0, 0, 0.34), (0.2, 0.2, 0.28), second, blend=0.08))
    solid.add(Part("cone", (0, 0, height / 2), (0.055, 0.055, height / 2), second))
    solid.add(Part("cone", (0, 0, height), (shade, shade * u(0.4, 0.7), drop), main, rounding=0.02))
    return solid


def house(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, depth, wall, roof = u(0.5, 0.65), u(0.42, 0.55), u(0.32, 0.45), u(0.3, 0.45)
    run = width + 0.1
    slope = math.degrees(math.atan2(roof, run))
    solid.add(Part("box", (0, 0, 2 * wall + roof / 2), (depth - 0.02, width, roof / 2), main))
    above = Part("box", (0, 0, 0), (2, 1, 0.5), main, turn=(-slope, 0, 0), cut=True)
    lift = 0.5 / math.cos(math.radians(slope))
    solid.add(replace(above, centre=(0, 0.3, 2 * wall + roof + lift - 0.3 * roof / run)), mirror="y")
    solid.add(Part("box", (0, 0, wall), (depth, width, wall), main, rounding=0.02))
    panel = Part(
        "box", (0, run / 2, 2 * wall + roof / 2), (depth + 0.1, math.hypot(run, roof) / 2, 0.055), second
    )
    solid.add(
        Part(panel.shape, panel.centre, panel.size, second, turn=(-slope, 0, 0), rounding=0.02), mirror="y"
    )
    solid.add(Part("box", (depth, 0, 0.2), (0.03, 0.11, 0.2), WOOD, rounding=0.01))
    window = Part("box", (depth, width * 0.58, wall * 1.25), (0.03, 0.1, 0.1), GLASS, rounding=0.01)
    solid.add(window, mirror="y")
    if rng.random() < 0.6:
        solid.add(Part("box", (-0.1, width * 0.55, 2 * wall + roof * 0.8), (0.08, 0.08, 0.22), DARK))
    return solid


def donut(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    ring, tube, tilt = u(0.42, 0.5), u(0.17, 0.25), u(35, 80)
    solid.add(Part("torus", (0, 0, 0), (ring, tube, 0), second, turn=(0, tilt, 0)))
    lift = (0.05 * math.sin(math.radians(tilt)), 0.0, 0.05 * math.cos(math.radians(tilt)))
    solid.add(Part("torus", lift, (ring, tube, 0), main, turn=(0, tilt, 0)))
    return solid


def snowman(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    low, middle, head = u(0.42, 0.5), u(0.3, 0.36), u(0.22, 0.27)
    z_middle, z_head = low * 0.8 + middle * 0.75, low * 0.8 + middle * 1.45 + head * 0.75
    for z, radius in ((0.0, low), (z_middle, middle), (z_head, head)):
        solid.add(Part("ellipsoid", (0, 0, z), (radius, radius, radius * 0.95), main))
    top = z_head + head * 0.75
    solid.add(Part("cone", (0, 0, top), (head * 1.25, head * 1.25, 0.04), second, rounding=0.01))
    solid.add(Part("cone", (0, 0, top + 0.17), (head * 0.8, head * 0.75, 0.18), second, rounding=0.02))
    nose = Part("cone", (head * 1.25, 0, z_head), (0.06, 0.01, 0.14), (0.95, 0.5, 0.1), turn=(0, 90, 0))
    solid.add(nose)
    solid.add(
        Part("ellipsoid", (head * 0.88, head * 0.38, z_head + head * 0.3), (0.045,) * 3, DARK), mirror="y"
    )
    for z in (z_middle + 0.12, z_middle - 0.06):
        solid.add(Part("ellipsoid", (middle * 0.95, 0, z), (0.05,) * 3, DARK))
    return solid


def robot(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, body, head = u(0.3, 0.4), u(0.32, 0.42), u(0.2, 0.26)
    solid.add(Part("box", (0, 0, body + 0.35), (width * 0.75, width, body), main, rounding=0.06))
    z_head = 2 * body + 0.35 + head + 0.05
    solid.add(Part("cone", (0, 0, z_head - head), (0.09, 0.09, 0.1), DARK))
    solid.add(Part("box", (0, 0, z_head), (head, head * 1.2, head), main, rounding=0.05))
    solid.add(
        Part("ellipsoid", (head * 0.95, head * 0.5, z_head + 0.03), (0.05, 0.08, 0.08), CREAM), mirror="y"
    )
    solid.add(Part("cone", (0, width * 0.5, 0.2), (0.12, 0.11, 0.22), main, rounding=0.03), mirror="y")
    arm = Part(
        "box",
        (0, width + 0.11, body + 0.45),
        (0.09, 0.08, body * 0.8),
        main,
        turn=(u(0, 22), 0, 0),
        rounding=0.06,
    )
    solid.add(arm, mirror="y")
    solid.add(
        Part("cone", (0, 0, z_head + head + 0.03), (head * 1.25, head * 1.25, 0.035), second, rounding=0.01)
    )
    solid.add(
        Part(
            "cone",
            (0, 0, z_head + head + 0.16),
            (head * 0.85, head * u(0.3, 0.8), 0.15),
            second,
            rounding=0.02,
        )
    )
    return solid


def boat(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, width, mast = u(0.7, 0.9), u(0.26, 0.36), u(0.9, 1.25)
    solid.add(Part("ellipsoid", (0, 0, 0.3), (width, length, 0.42), main))
    solid.add(Part("box", (0, 0, 0.82), (0.6, 1.2, 0.52), TAN, cut=True))
    for side, reach, tall in ((1, length * 0.66, mast), (-1, length * 0.45, mast * 0.8)):
        middle = (0.0, side * reach / 2, 0.4 + tall / 2)
        solid.add(Part("box", middle, (0.04, reach / 2 - 0.02, tall / 2), second, rounding=0.01))
        slope = math.atan2(tall, reach)
        away = (0.0, middle[1] + side * 0.3 * math.sin(slope), middle[2] + 0.3 * math.cos(slope))
        half = math.hypot(tall, reach) / 2
        turn = (-side * math.degrees(slope), 0.0, 0.0)
        solid.add(Part("box", away, (0.05, half, 0.3), second, turn=turn, cut=True))
    solid.add(Part("cone", (0, 0, 0.3 + mast / 2), (0.04, 0.04, mast / 2), WOOD))
    return solid


def duck(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    body, head = u(0.42, 0.5), u(0.24, 0.3)
    solid.add(Part("ellipsoid", (0, 0, 0), (body * 0.85, body * 1.3, body * 0.75), main))
    tail = Part(
        "cone",
        (0, -body * 1.2, body * 0.4),
        (0.17, 0.03, 0.2),
        main,
        turn=(48, 0, 0),
        rounding=0.02,
        blend=0.15,
    )
    solid.add(tail)
    at = (0.0, body * 0.75, body * 0.8 + head * 0.6)
    solid.add(Part("ellipsoid", at, (head, head, head), main, blend=0.15))
    solid.add(Part("ellipsoid", (0, at[1] + head * 1.1, at[2] - 0.05), (0.15, 0.2, 0.06), second))
    solid.add(
        Part("ellipsoid", (head * 0.78, at[1] + head * 0.5, at[2] + 0.08), (0.055,) * 3, DARK), mirror="x"
    )
    wing = Part(
        "ellipsoid",
        (body * 0.8, -0.1, 0.06),
        (0.12, body * 0.62, body * 0.36),
        main,
        turn=(12, 0, 0),
        blend=0.03,
    )
    solid.add(wing, mirror="x")
    return solid


def castle(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, wall, tower, rise = u(0.42, 0.52), u(0.26, 0.34), u(0.16, 0.21), u(0.42, 0.55)
    solid.add(Part("box", (0, 0, wall), (half, half, wall), main))
    solid.add(Part("cone", (half, half, rise), (tower, tower, rise), main), mirror="xy")
    roof = u(0.18, 0.26)
    solid.add(Part("cone", (half, half, 2 * rise + roof), (tower * 1.25, 0.01, roof), second), mirror="xy")
    solid.add(Part("cone", (0, 0, rise * 1.1), (tower * 1.4, tower * 1.4, rise * 1.15), main))
    solid.add(Part("cone", (0, 0, rise * 2.25 + roof), (tower * 1.7, 0.01, roof * 1.1), second))
    for y in (-0.2, 0.0, 0.2):
        solid.add(Part("box", (half - 0.05, y, 2 * wall + 0.05), (0.05, 0.055, 0.06), main), mirror="x")
    solid.add(Part("cone", (half, 0, 0.18), (0.13, 0.1, 0.2), WOOD))
    return solid


def teapot(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall = u(0.46, 0.54), u(0.38, 0.48)
    solid.add(Part("torus", (0, -wide * 1.0, 0.02), (tall * 0.6, 0.065, 0), main, turn=(0, 90, 0)))
    spout = Part("cone", (0, wide * 1.18, 0.1), (0.15, 0.06, 0.34), main, turn=(-u(42, 56), 0, 0), blend=0.1)
    solid.add(spout)
    solid.add(Part("ellipsoid", (0, 0, 0), (wide, wide, tall), main, blend=0.05))
    solid.add(Part("cone", (0, 0, -tall * 0.9), (wide * 0.55, wide * 0.6, 0.07), main))
    solid.add(Part("ellipsoid", (0, 0, tall * 0.82), (wide * 0.52, wide * 0.52, 0.12), second))
    solid.add(Part("ellipsoid", (0, 0, tall * 0.82 + 0.16), (0.09, 0.09, 0.09), second))
    return solid


def cactus(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    pot, stem, height = u(0.3, 0.38), u(0.15, 0.2), u(0.5, 0.7)
    solid.add(Part("cone", (0, 0, 0.2), (pot * 0.75, pot, 0.22), second, rounding=0.03))
    solid.add(Part("cone", (0, 0, 0.38), (pot * 1.1, pot * 1.1, 0.06), second, rounding=0.02))
    solid.add(Part("ellipsoid", (0, 0, 0.4 + height * 0.6), (stem, stem, height), main))
    for side, level in ((1, u(0.35, 0.55)), (-1, u(0.5, 0.75))):
        z, reach = 0.4 + height * level, stem + u(0.14, 0.2)
        elbow = Part(
            "cone", (0, side * reach / 2, z), (0.085, 0.085, reach / 2), main, turn=(90, 0, 0), rounding=0.04
        )
        solid.add(elbow)
        solid.add(Part("ellipsoid", (0, side * reach, z + 0.15), (0.1, 0.1, 0.24), main, blend=0.06))
    return solid


def fish(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, tall, thick = u(0.55, 0.68), u(0.3, 0.42), u(0.18, 0.26)
    solid.add(Part("ellipsoid", (0, 0, 0), (thick, length, tall), main))
    tail = Part("ellipsoid", (0, -length - 0.16, 0.17), (0.05, 0.13, 0.28), second, turn=(-32, 0, 0))
    solid.add(tail, mirror="z")
    solid.add(Part("ellipsoid", (0, -0.05, tall * 0.95), (0.05, length * 0.42, 0.2), second))
    fin = Part("ellipsoid", (thick * 0.95, 0.0, -tall * 0.25), (0.1, 0.17, 0.09), second, turn=(25, 0, 20))
    solid.add(fin, mirror="x")
    solid.add(
        Part("ellipsoid", (thick * 0.72, length * 0.62, tall * 0.2), (0.09, 0.085, 0.085), CREAM), mirror="x"
    )
    solid.add(
        Part("ellipsoid", (thick * 0.72 + 0.06, length * 0.64, tall * 0.2), (0.05,) * 3, DARK), mirror="x"
    )
    return solid


def airplane(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, body, span = u(0.8, 0.95), u(0.16, 0.22), u(0.7, 0.9)
    solid.add(Part("ellipsoid", (0, 0, 0), (body, length, body), main))
    wing = Part(
        "box",
        (span / 2, 0.05, -0.02),
        (span / 2, u(0.17, 0.24), 0.04),
        second,
        turn=(0, 0, -u(5, 18)),
        rounding=0.03,
    )
    solid.add(wing, mirror="x")
    solid.add(
        Part(
            "box", (0, -length * 0.82, body * 0.9), (0.04, 0.13, 0.24), second, turn=(18, 0, 0), rounding=0.03
        )
    )
    flat = Part("box", (0.17, -length * 0.84, 0.08), (0.18, 0.1, 0.035), second, rounding=0.02)
    solid.add(flat, mirror="x")
    solid.add(Part("ellipsoid", (0, length * 0.55, body * 0.62), (body * 0.62, 0.17, body * 0.5), GLASS))
    return solid


def cat(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    body, head = u(0.34, 0.42), u(0.28, 0.34)
    solid.add(Part("ellipsoid", (-0.06, 0, body), (body * 0.9, body * 0.9, body * 1.15), main))
    z = body * 2 + head * 0.7
    solid.add(Part("ellipsoid", (0.1, 0, z), (head * 0.95, head * 1.08, head * 0.92), main, blend=0.08))
    ear = Part(
        "cone",
        (0.08, head * 0.62, z + head * 0.95),
        (0.14, 0.015, 0.15),
        main,
        turn=(-14, 0, 0),
        rounding=0.01,
    )
    solid.add(ear, mirror="y")
    solid.add(
        Part("ellipsoid", (0.1 + head * 0.86, head * 0.42, z + 0.05), (0.045, 0.06, 0.075), DARK), mirror="y"
    )
    solid.add(Part("ellipsoid", (0.1 + head * 0.93, 0, z - 0.08), (0.05, 0.06, 0.04), (0.95, 0.6, 0.65)))
    solid.add(Part("ellipsoid", (0.28, body * 0.42, 0.16), (0.13, 0.12, 0.2), second), mirror="y")
    solid.add(Part("ellipsoid", (0.24, 0, body * 0.95), (body * 0.52, body * 0.5, body * 0.7), second))
    tail = Part("torus", (-0.3, body * 0.75, 0.3), (0.24, 0.075, 0), main, turn=(0, 70, 25))
    solid.add(tail)
    return solid


KINDS: dict[str, Kind] = {
    "mushroom": Kind(mushroom, "stem", CREAM, ("toadstool",)),
    "chair": Kind(chair, "seat", None),
    "table": Kind(table, "legs", None),
    "mug": Kind(mug, "handle", None, ("cup",)),
    "rocket": Kind(rocket, "fins", CREAM, ("spaceship",)),
    "tree": Kind(tree, "trunk", WOOD),
    "car": Kind(car, "wheels", DARK),
    "lamp": Kind(lamp, "stand", CREAM),
    "house": Kind(house, "roof", WOOD, ("cottage",)),
    "donut": Kind(donut, "dough", TAN, ("doughnut",)),
    "snowman": Kind(snowman, "hat", DARK),
    "robot": Kind(robot, "hat", DARK),
    "boat": Kind(boat, "sail", CREAM, ("sailboat", "ship")),
    "duck": Kind(duck, "beak", (0.95, 0.5, 0.1)),
    "castle": Kind(castle, "roof", WOOD),
    "teapot": Kind(teapot, "lid", None),
    "cactus": Kind(cactus, "pot", (0.72, 0.36, 0.22)),
    "fish": Kind(fish, "fins", None),
    "airplane": Kind(airplane, "wings", None, ("plane",)),
    "cat": Kind(cat, "belly", CREAM, ("kitten",)),
}
