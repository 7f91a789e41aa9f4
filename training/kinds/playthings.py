"""Toys and other things of the nursery, their front at +X."""

import random

from training.kinds.details import ORANGE, put_eyes
from training.kinds.kind import Kind
from training.palette import CREAM, DARK, WOOD
from training.solids import Part, Solid, Vec


def snowman(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    low, middle, head = u(0.42, 0.5), u(0.3, 0.36), u(0.22, 0.27)
    z_middle, z_head = low * 0.8 + middle * 0.75, low * 0.8 + middle * 1.45 + head * 0.75
    for z, radius in ((0.0, low), (z_middle, middle), (z_head, head)):
        solid.add(Part("ellipsoid", (0, 0, z), (radius, radius, radius * 0.95), main))
    top = z_head + head * 0.7
    solid.add(Part("cone", (0, 0, top), (head * 1.45, head * 1.45, 0.09), second, rounding=0.03))
    solid.add(Part("cone", (0, 0, top + 0.2), (head * 0.9, head * 0.85, 0.22), second, rounding=0.02))
    solid.add(Part("cone", (head * 1.2, 0, z_head), (0.08, 0.02, 0.16), ORANGE, turn=(0, 90, 0)))
    put_eyes(solid, (head * 0.88, head * 0.38, z_head + head * 0.3), 0.05, "y")
    for z in (z_middle + 0.12, z_middle - 0.06):
        solid.add(Part("ellipsoid", (middle * 0.95, 0, z), (0.055,) * 3, DARK))
    return solid


def robot(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, body, head = u(0.3, 0.4), u(0.32, 0.42), u(0.22, 0.27)
    solid.add(Part("box", (0, 0, body + 0.35), (width * 0.75, width, body), main, rounding=0.06))
    z_head = 2 * body + 0.35 + head + 0.05
    solid.add(Part("cone", (0, 0, z_head - head), (0.11, 0.11, 0.1), DARK))
    solid.add(Part("box", (0, 0, z_head), (head, head * 1.2, head), main, rounding=0.05))
    eye = (head * 0.95, head * 0.5, z_head + 0.03)
    solid.add(Part("ellipsoid", eye, (0.05, 0.08, 0.08), CREAM), mirror="y")
    solid.add(Part("cone", (0, width * 0.5, 0.2), (0.13, 0.12, 0.22), main, rounding=0.03), mirror="y")
    arm = (0, width + 0.11, body + 0.45)
    swing = (u(0, 22), 0.0, 0.0)
    solid.add(Part("box", arm, (0.11, 0.11, body * 0.8), main, swing, rounding=0.06, thin=True), mirror="y")
    top, brim = z_head + head, head * 1.35
    solid.add(Part("cone", (0, 0, top + 0.03), (brim, brim, 0.09), second, rounding=0.02))
    crown = (head * 0.9, head * u(0.3, 0.8), 0.18)
    solid.add(Part("cone", (0, 0, top + 0.2), crown, second, rounding=0.02))
    return solid


def guitar(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    low, high, neck = u(0.4, 0.46), u(0.29, 0.34), u(0.42, 0.52)
    turn = (0.0, 90.0, 0.0)
    top = low + high * 0.9
    solid.add(Part("cone", (0, 0, 0), (low, low, 0.15), main, turn, rounding=0.05))
    solid.add(
        Part("cone", (0, 0, top - high * 0.3), (high, high, 0.15), main, turn, rounding=0.05, blend=0.1)
    )
    waist = (0.13, high * 0.66, low * 0.6)
    solid.add(Part("box", (0, 0, low * 0.6), waist, main, rounding=0.1, blend=0.1))
    solid.add(Part("cone", (0.13, 0, low * 0.5), (0.14, 0.14, 0.05), DARK, turn))
    solid.add(Part("box", (0.14, 0, -low * 0.4), (0.05, 0.17, 0.05), DARK))
    z = top + neck + 0.1
    solid.add(Part("box", (0.08, 0, z - 0.1), (0.13, 0.13, neck + 0.1), second, rounding=0.02, thin=True))
    solid.add(Part("box", (0.08, 0, z + neck), (0.13, 0.2, 0.18), second, rounding=0.04))
    return solid


def gift(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, tall, ribbon = u(0.42, 0.5), u(0.34, 0.46), u(0.1, 0.13)
    solid.add(Part("box", (0, 0, tall), (half, half, tall), main, rounding=0.02))
    lid = half + 0.05
    solid.add(Part("box", (0, 0, 2 * tall), (lid, lid, 0.1), main, rounding=0.02))
    for x, y in ((lid + 0.02, ribbon), (ribbon, lid + 0.02)):
        solid.add(Part("box", (0, 0, 2 * tall), (x, y, 0.12), second, rounding=0.01))
        solid.add(Part("box", (0, 0, tall), (min(x, half + 0.02), min(y, half + 0.02), tall), second))
    loop = (0, 0.21, 2 * tall + 0.24)
    solid.add(Part("torus", loop, (0.14, 0.1, 0), second, turn=(28, 90, 0)), "y")
    solid.add(Part("ellipsoid", (0, 0, 2 * tall + 0.18), (0.13, 0.13, 0.12), second))
    return solid


PLAYTHINGS = (
    Kind("snowman", "toy", snowman, "hat", DARK, several="snowmen", stands_on_table=True),
    Kind("robot", "toy", robot, "hat", DARK, ("android",), stands_on_table=True, thin="arms"),
    Kind("guitar", "toy", guitar, "neck", WOOD, ("ukulele",), thin="neck"),
    Kind("gift", "toy", gift, "ribbon", CREAM, ("present", "gift box"), stands_on_table=True),
)
