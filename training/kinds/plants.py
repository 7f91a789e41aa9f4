"""Plants, some of them in pots."""

import math
import random

from training.kinds.details import LEAF, around, hat_place
from training.kinds.kind import Kind
from training.palette import CREAM, WOOD
from training.solids import Part, Solid, Vec


def mushroom(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    height, stem, cap = u(0.7, 1.1), u(0.2, 0.28), u(0.52, 0.7)
    dome = (cap, cap, cap * u(0.6, 0.85))
    solid.add(Part("ellipsoid", (0, 0, height), dome, main))
    solid.add(Part("box", (0, 0, height - 0.5), (0.9, 0.9, 0.46), second, cut=True))
    foot = (stem * u(1.1, 1.4), stem, height / 2)
    solid.add(Part("cone", (0, 0, height / 2), foot, second, rounding=0.06))
    for at, _ in around(rng.choice((0, 5, 6)), cap * 0.67, height + dome[2] * 0.66, u(0, 60)):
        solid.add(Part("ellipsoid", at, (0.1, 0.1, 0.1), CREAM))
    solid.head = hat_place((0, 0, height), dome, 0.88)
    return solid


def tree(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    trunk, height = u(0.17, 0.22), u(0.5, 0.7)
    solid.add(Part("cone", (0, 0, height / 2), (trunk * 1.2, trunk, height / 2 + 0.1), second))
    if rng.random() < 0.5:
        for level in range(3):
            z, wide = height + 0.2 + 0.33 * level, 0.58 - 0.13 * level
            solid.add(Part("cone", (0, 0, z), (wide, 0.03 + 0.1 * (2 - level), 0.26), main, rounding=0.02))
        solid.head = ((0, 0, height + 0.88), 0.17)
        return solid
    crown = u(0.38, 0.48)
    z, round_ = height + crown * 0.9, (crown, crown, crown * u(0.95, 1.2))
    solid.add(Part("ellipsoid", (0, 0, z), round_, main))
    for at, _ in around(5, crown * 0.62, z, u(0, 72)):
        puff = (at[0], at[1], z + crown * u(-0.35, 0.25))
        solid.add(Part("ellipsoid", puff, (crown * 0.6,) * 3, main, blend=0.1))
    solid.head = hat_place((0, 0, z), round_)
    return solid


def cactus(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    pot, stem, height = u(0.3, 0.38), u(0.17, 0.22), u(0.5, 0.66)
    solid.add(Part("cone", (0, 0, 0.2), (pot * 0.75, pot, 0.22), second, rounding=0.03))
    solid.add(Part("cone", (0, 0, 0.38), (pot * 1.12, pot * 1.12, 0.09), second, rounding=0.02))
    body = (stem, stem, height)
    z = 0.4 + height * 0.6
    solid.add(Part("ellipsoid", (0, 0, z), body, main))
    for side, level in ((1, u(0.35, 0.55)), (-1, u(0.55, 0.8))):
        low, reach = 0.4 + height * level, stem + u(0.15, 0.2)
        arm = (0.1, 0.1, reach / 2)
        solid.add(Part("cone", (0, side * reach / 2, low), arm, main, (90, 0, 0), rounding=0.04, thin=True))
        tip = (0, side * reach, low + 0.15)
        solid.add(Part("ellipsoid", tip, (0.12, 0.12, 0.26), main, blend=0.06, thin=True))
    solid.head = ((0, 0, z + height * 0.78), stem * 0.75)
    return solid


def flower(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, petal, count = u(0.42, 0.55), u(0.2, 0.24), rng.choice((5, 6))
    z, lean = 2 * half, u(20, 35)
    solid.add(Part("cone", (0, 0, half), (0.1, 0.1, half), second, thin=True))
    leaf = (0, 0.24, half * u(0.55, 0.9))
    solid.add(Part("ellipsoid", leaf, (0.11, 0.28, 0.13), second, turn=(35, 0, 0), thin=True), "y")
    tilt = math.radians(lean)
    for n in range(count):
        angle, reach = 2 * math.pi * n / count, petal * 1.35
        up = reach * math.cos(angle)
        at = (0.12 - up * math.sin(tilt), reach * math.sin(angle), z + up * math.cos(tilt))
        turn = (-math.degrees(angle), -lean, 0.0)
        solid.add(Part("ellipsoid", at, (0.12, petal * 0.9, petal * 1.05), main, turn))
    disc = (0.19, 0, z + 0.02)
    solid.add(Part("ellipsoid", disc, (0.1, 0.17, 0.17), (0.97, 0.84, 0.25), turn=(0, -lean, 0)))
    return solid


def pumpkin(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall, stem = u(0.3, 0.34), u(0.36, 0.46), u(0.19, 0.25)
    for at, angle in around(8, wide * 0.9, 0, u(0, 45)):
        solid.add(Part("ellipsoid", at, (wide, wide * 0.64, tall), main, turn=(0, 0, angle)))
    lean = (u(-20, 20), 0.0, 0.0)
    at = (0, 0, tall + stem * 0.6)
    solid.add(Part("cone", at, (0.2, 0.13, stem), second, lean, rounding=0.03))
    for root, angle in around(5, 0.16, tall * 0.93, 36):
        solid.add(Part("ellipsoid", root, (0.2, 0.09, 0.09), second, turn=(0, 15, angle)))
    return solid


PLANTS = (
    Kind(
        "mushroom", "plant", mushroom, "stem", CREAM, ("toadstool",), wears_hat=True, stands_on_table=True
    ),
    Kind("tree", "plant", tree, "trunk", WOOD, wears_hat=True),
    Kind("cactus", "plant", cactus, "pot", (0.72, 0.36, 0.22), ("succulent",), several="cacti",
         wears_hat=True, stands_on_table=True, thin="arms"),
    Kind("flower", "plant", flower, "stem", LEAF, ("daisy", "blossom"), thin="stem"),
    Kind("pumpkin", "plant", pumpkin, "stem", LEAF, ("squash",), stands_on_table=True),
)  # fmt: skip
