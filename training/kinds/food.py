"""Food, as it lies on a plate."""

import math
import random

from training.kinds.details import LEAF, ORANGE, around, hat_place
from training.kinds.kind import Kind
from training.palette import CREAM, TAN, WOOD
from training.solids import Part, Solid, Vec

PATTY: Vec = (0.36, 0.20, 0.10)


def donut(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    ring, tube, tilt = u(0.42, 0.5), u(0.21, 0.27), u(20, 55)
    turn = (0.0, tilt, 0.0)
    solid.add(Part("torus", (0, 0, 0), (ring, tube, 0), second, turn))
    up = 0.42 * tube
    lift = (up * math.sin(math.radians(tilt)), 0.0, up * math.cos(math.radians(tilt)))
    solid.add(Part("torus", lift, (ring, tube * 0.82, 0), main, turn))
    return solid


def cake(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall, upper = u(0.5, 0.58), u(0.25, 0.3), u(0.32, 0.38)
    for radius, low in ((wide, 0.0), (upper, 2 * tall)):
        solid.add(Part("cone", (0, 0, low + tall), (radius, radius, tall), main, rounding=0.03))
        top, drops = low + 2 * tall, rng.choice((7, 8, 9))
        solid.add(Part("cone", (0, 0, top), (radius + 0.03, radius + 0.03, 0.07), second, rounding=0.05))
        for at, _ in around(drops, radius - 0.01, top - 0.08):
            solid.add(Part("ellipsoid", at, (0.1, 0.1, u(0.09, 0.14)), second))
    solid.add(Part("cone", (0, 0, 4 * tall + 0.16), (0.085, 0.085, 0.16), CREAM))
    solid.add(Part("ellipsoid", (0, 0, 4 * tall + 0.37), (0.08, 0.08, 0.13), ORANGE))
    return solid


def ice_cream(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, ball = u(0.42, 0.55), u(0.36, 0.42)
    solid.add(Part("cone", (0, 0, half), (0.08, ball * 0.86, half), second, rounding=0.03))
    z = 2 * half + ball * 0.5
    solid.add(Part("torus", (0, 0, 2 * half + 0.02), (ball * 0.82, 0.11, 0), main))
    solid.add(Part("ellipsoid", (0, 0, z), (ball, ball, ball), main, blend=0.04))
    solid.head = hat_place((0, 0, z), (ball, ball, ball))
    if rng.random() < 0.5:
        z, ball = z + ball * 0.95, ball * 0.8
        solid.add(Part("ellipsoid", (0, 0, z), (ball, ball, ball), main, blend=0.02))
        solid.head = hat_place((0, 0, z), (ball, ball, ball))
    return solid


def burger(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, bun, patty = u(0.52, 0.6), u(0.36, 0.46), u(0.12, 0.16)
    top = 0.3 + 2 * patty
    dome = (wide, wide, bun)
    solid.add(Part("ellipsoid", (0, 0, top), dome, main))
    solid.add(Part("box", (0, 0, top - 0.5), (1, 1, 0.5), main, cut=True))
    solid.add(Part("cone", (0, 0, 0.13), (wide * 0.9, wide * 0.98, 0.14), main, rounding=0.1))
    meat = wide * 1.04
    solid.add(Part("cone", (0, 0, 0.22 + patty), (meat, meat, patty), second, rounding=patty * 0.7))
    for at, _ in around(10, wide * 0.92, top - 0.04, u(0, 36)):
        solid.add(Part("ellipsoid", at, (0.18, 0.18, 0.07), LEAF))
    for at, _ in around(6, wide * 0.5, top + bun * 0.84, u(0, 60)):
        solid.add(Part("ellipsoid", at, (0.05, 0.05, 0.04), CREAM))
    solid.head = hat_place((0, 0, top), dome, 0.85)
    return solid


def apple(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall, lean = u(0.3, 0.36), u(0.42, 0.48), u(10, 30)
    for at, _ in around(5, wide * 0.5, 0, u(0, 72)):
        solid.add(Part("ellipsoid", at, (wide, wide, tall), main, blend=0.1))
    solid.add(Part("ellipsoid", (0, 0, tall), (0.14, 0.14, 0.16), main, cut=True))
    solid.add(Part("cone", (0, 0, tall + 0.08), (0.08, 0.1, 0.24), WOOD, turn=(lean / 2, 0, 0)))
    leaf = (0.04, 0.3, tall + 0.16)
    solid.add(Part("ellipsoid", leaf, (0.14, 0.34, 0.18), second, turn=(lean, 0, 0)))
    return solid


def pineapple(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall, leaf = u(0.34, 0.4), u(0.46, 0.56), u(0.2, 0.27)
    solid.add(Part("ellipsoid", (0, 0, tall), (wide, wide, tall), main))
    for row in range(4):
        level = -0.54 + 0.36 * row
        at_level = around(7, wide * 0.87 * (1 - level * level) ** 0.5, tall * (1 + level), 26 * (row % 2))
        for at, _ in at_level:
            solid.add(Part("ellipsoid", at, (0.1, 0.1, 0.1), main, blend=0.04))
    for ring, (radius, lift, tilt) in enumerate(((0.17, 0.02, 42), (0.09, 0.16, 20))):
        for at, angle in around(6, radius, 2 * tall + lift, 30 * ring):
            solid.add(Part("cone", at, (0.12, 0.02, leaf), second, turn=(0, tilt, angle), rounding=0.02))
    solid.add(Part("cone", (0, 0, 2 * tall + 0.24), (0.13, 0.02, leaf), second, rounding=0.02))
    return solid


FOOD = (
    Kind("donut", "food", donut, "dough", TAN, ("doughnut",), stands_on_table=True),
    Kind("cake", "food", cake, "icing", CREAM, ("birthday cake",), stands_on_table=True),
    Kind("ice cream", "food", ice_cream, "cone", TAN, ("gelato",), wears_hat=True),
    Kind("burger", "food", burger, "patty", PATTY, ("hamburger",), wears_hat=True, stands_on_table=True),
    Kind("apple", "food", apple, "leaf", LEAF, stands_on_table=True),
    Kind("pineapple", "food", pineapple, "leaves", LEAF, stands_on_table=True),
)
