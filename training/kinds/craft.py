"""Vehicles of the water and the air: long along Y, the bow at +Y."""

import math
import random

from training.kinds.details import around
from training.kinds.kind import Kind
from training.palette import CREAM, DARK, GLASS, TAN, WOOD
from training.solids import Part, Solid, Vec


def boat(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, width, mast = u(0.7, 0.9), u(0.34, 0.44), u(0.72, 0.95)
    solid.add(Part("ellipsoid", (0, 0, 0.38), (width, length, 0.6), main))
    solid.add(Part("box", (0, 0, 0.9), (0.6, 1.2, 0.52), main, cut=True))
    for side, reach, tall in ((1, length * 0.7, mast), (-1, length * 0.5, mast * 0.8)):
        middle = (0.0, side * reach / 2, 0.46 + tall / 2)
        solid.add(Part("box", middle, (0.11, reach / 2 - 0.02, tall / 2), second, rounding=0.02, thin=True))
        slope = math.atan2(tall, reach)
        away = (0.0, middle[1] + side * 0.3 * math.sin(slope), middle[2] + 0.3 * math.cos(slope))
        half = math.hypot(tall, reach) / 2 + 0.06
        turn = (-side * math.degrees(slope), 0.0, 0.0)
        solid.add(Part("box", away, (0.5, half, 0.3), second, turn=turn, cut=True))
    mast_at = (0, 0, 0.34 + mast / 2)
    solid.add(Part("cone", mast_at, (0.11, 0.11, mast / 2 + 0.06), WOOD, rounding=0.03, thin=True))
    return solid


def rocket(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    radius, half = u(0.27, 0.36), u(0.55, 0.75)
    solid.add(Part("ellipsoid", (0, 0, 0), (radius, radius, half * 1.25), main))
    solid.add(Part("box", (0, 0, -half - 0.45), (0.8, 0.8, 0.45), main, cut=True))
    solid.add(Part("cone", (0, 0, -half - 0.02), (radius * 0.7, radius * 0.5, 0.08), DARK))
    fin, low = u(0.22, 0.3), -half * 0.72
    side = Part("box", (0, radius + fin * 0.4, low), (0.1, fin, 0.24), second, (35, 0, 0), 0.03, thin=True)
    solid.add(side, "y")
    front = Part("box", (radius + fin * 0.4, 0, low), (fin, 0.1, 0.24), second, (0, -35, 0), 0.03, thin=True)
    solid.add(front, "x")
    solid.add(Part("ellipsoid", (radius * 0.82, 0, half * 0.25), (0.1, radius * 0.45, radius * 0.45), GLASS))
    return solid


def airplane(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, body, span = u(0.8, 0.95), u(0.25, 0.3), u(0.78, 0.92)
    solid.add(Part("ellipsoid", (0, 0, 0), (body, length, body), main))
    wing = (span / 2, 0.05, -0.02)
    turn = (0.0, 0.0, -u(5, 18))
    wide = u(0.17, 0.22)
    solid.add(Part("box", wing, (span / 2, wide, 0.1), second, turn, rounding=0.06, thin=True), "x")
    rudder = (0, -length * 0.82, body * 1.1)
    solid.add(Part("box", rudder, (0.1, 0.15, 0.26), second, (18, 0, 0), rounding=0.05, thin=True))
    flat = (0.19, -length * 0.82, 0.08)
    solid.add(Part("box", flat, (0.22, 0.13, 0.1), second, rounding=0.05, thin=True), "x")
    solid.add(Part("ellipsoid", (0, length * 0.55, body * 0.62), (body * 0.62, 0.18, body * 0.5), GLASS))
    return solid


def balloon(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, basket = u(0.52, 0.6), u(0.26, 0.31)
    solid.add(Part("ellipsoid", (0, 0, 1.26), (wide * 0.97, wide * 0.97, wide * 1.02), main))
    for at, angle in around(8, wide * 0.42, 1.26):
        gore = (wide * 0.6, wide * 0.36, wide)
        solid.add(Part("ellipsoid", at, gore, main, turn=(0, 0, angle)))
    solid.add(Part("cone", (0, 0, 0.72), (0.24, wide * 0.7, 0.16), main, blend=0.1))
    rope = (basket * 0.72, basket * 0.72, 0.46)
    solid.add(Part("cone", rope, (0.105, 0.105, 0.26), WOOD, thin=True), "xy")
    solid.add(Part("box", (0, 0, 0.14), (basket, basket, 0.2), second, rounding=0.05))
    solid.add(Part("torus", (0, 0, 0.34), (basket * 1.05, 0.06, 0), second))
    return solid


CRAFT = (
    Kind("boat", "vehicle", boat, "sail", CREAM, ("sailboat", "ship"), stands_on_table=True, thin="mast"),
    Kind("rocket", "vehicle", rocket, "fins", CREAM, ("spaceship", "space rocket"), thin="fins"),
    Kind("airplane", "vehicle", airplane, "wings", None, ("plane", "aeroplane"), thin="wings"),
    Kind("balloon", "vehicle", balloon, "basket", TAN, ("hot air balloon",), thin="ropes"),
)
