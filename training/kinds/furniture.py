"""Furniture, its front at +X."""

import random

from training.kinds.kind import Kind
from training.palette import CREAM, DARK
from training.solids import Part, Solid, Vec


def chair(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, seat, back, leg = u(0.4, 0.5), u(0.45, 0.62), u(0.55, 0.8), u(0.09, 0.11)
    solid.add(Part("box", (0, 0, seat), (half, half, 0.1), second, rounding=0.03))
    post = (half - leg, half - leg, seat / 2)
    solid.add(Part("cone", post, (leg, leg, seat / 2), main, thin=True), "xy")
    x = -half + 0.1
    if rng.random() < 0.5:
        solid.add(Part("box", (x, 0, seat + back / 2), (0.1, half, back / 2), main, rounding=0.05))
        return solid
    solid.add(Part("box", (x, half - 0.1, seat + back / 2), (0.1, 0.1, back / 2), main, rounding=0.03), "y")
    for level in (0.5, 0.9):
        solid.add(Part("box", (x, 0, seat + back * level), (0.09, half, 0.1), main, rounding=0.03))
    return solid


def table(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, depth, height, leg = u(0.6, 0.82), u(0.42, 0.6), u(0.55, 0.8), u(0.1, 0.12)
    if rng.random() < 0.35:
        height, width = height + 0.1, width * 0.85
        solid.add(Part("cone", (0, 0, height), (width, width, 0.1), main, rounding=0.03))
        solid.add(Part("cone", (0, 0, height / 2), (0.17, 0.17, height / 2), second, thin=True))
        solid.add(Part("cone", (0, 0, 0.09), (width * 0.75, width * 0.6, 0.1), second, rounding=0.02))
        return solid
    solid.add(Part("box", (0, 0, height), (depth, width, 0.1), main, rounding=0.03))
    post = (depth - leg, width - leg, height / 2)
    solid.add(Part("box", post, (leg, leg, height / 2), second, thin=True), "xy")
    return solid


def lamp(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    height, shade, drop = u(0.9, 1.2), u(0.4, 0.52), u(0.22, 0.3)
    solid.add(Part("cone", (0, 0, 0.08), (u(0.32, 0.4), 0.26, 0.09), second, rounding=0.03))
    if rng.random() < 0.5:
        solid.add(Part("ellipsoid", (0, 0, 0.36), (0.22, 0.22, 0.28), second, blend=0.08))
    solid.add(Part("cone", (0, 0, height / 2), (0.1, 0.1, height / 2), second, thin=True))
    top = shade * u(0.45, 0.7)
    solid.add(Part("cone", (0, 0, height), (shade, top, drop), main, rounding=0.02))
    solid.head = ((0, 0, height + drop - 0.02), top * 0.9)
    return solid


def sofa(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, deep, back, arm = u(0.66, 0.84), u(0.34, 0.42), u(0.74, 0.9), u(0.13, 0.17)
    solid.add(Part("box", (0, 0, 0.24), (deep, width, 0.16), main, rounding=0.04))
    solid.add(Part("box", (-deep + 0.1, 0, back / 2 + 0.04), (0.15, width, back / 2), main, rounding=0.08))
    solid.add(Part("box", (0, width, 0.36), (deep, arm, 0.28), main, rounding=0.09), "y")
    seat = (0.1, width * 0.43, 0.46)
    solid.add(Part("box", seat, (deep - 0.08, width * 0.4, 0.11), second, rounding=0.06), "y")
    rest = (-deep + 0.28, width * 0.43, 0.68)
    pillow = (0.11, width * 0.36, 0.18)
    solid.add(Part("box", rest, pillow, second, turn=(0, -12, 0), rounding=0.08), "y")
    solid.add(Part("cone", (deep - 0.1, width - 0.06, 0.05), (0.08, 0.08, 0.07), DARK), "xy")
    return solid


def bed(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, width, head, foot = u(0.78, 0.95), u(0.42, 0.52), u(0.42, 0.55), u(0.26, 0.36)
    solid.add(Part("box", (0, 0, 0.28), (width, length, 0.14), main, rounding=0.03))
    solid.add(Part("box", (0, -length, head), (width + 0.06, 0.12, head), main, rounding=0.05))
    solid.add(Part("box", (0, length, foot), (width + 0.06, 0.12, foot), main, rounding=0.05))
    solid.add(Part("box", (0, 0, 0.46), (width - 0.04, length - 0.06, 0.1), CREAM, rounding=0.06))
    blanket = (width + 0.01, length * u(0.5, 0.62), 0.12)
    solid.add(Part("box", (0, length * 0.32, 0.49), blanket, second, rounding=0.07))
    solid.add(Part("ellipsoid", (0, -length * 0.62, 0.6), (width * 0.7, 0.2, 0.13), CREAM))
    return solid


def clock(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    radius, half = u(0.46, 0.54), u(0.18, 0.24)
    z, rim = radius + 0.16, u(0.64, 0.72)
    solid.add(Part("cone", (0, 0, z), (radius, radius, half), main, turn=(0, 90, 0), rounding=0.06))
    face = radius * rim
    solid.add(Part("cone", (half, 0, z), (face, face, 0.04), second, turn=(0, 90, 0)))
    solid.add(Part("box", (half + 0.03, 0, z + face * 0.3), (0.03, 0.04, face * 0.4), DARK))
    solid.add(Part("box", (half + 0.03, face * 0.24, z), (0.03, face * 0.3, 0.04), DARK))
    bell = (0, radius * 0.58, z + radius * 0.92)
    solid.add(Part("ellipsoid", bell, (0.17, 0.22, 0.17), main, turn=(-30, 0, 0)), "y")
    foot = (0, radius * 0.55, 0.14)
    solid.add(Part("cone", foot, (0.1, 0.11, 0.2), main, turn=(28, 0, 0), rounding=0.03, thin=True), "y")
    solid.add(Part("cone", (0, 0, z + radius + 0.07), (0.09, 0.11, 0.12), DARK, rounding=0.03))
    return solid


FURNITURE = (
    Kind("chair", "furniture", chair, "seat", None, thin="legs"),
    Kind("table", "furniture", table, "legs", None, ("desk",), thin="legs"),
    Kind(
        "lamp", "furniture", lamp, "stand", CREAM, ("lampshade", "table lamp"), wears_hat=True,
        stands_on_table=True, thin="stand",
    ),
    Kind("sofa", "furniture", sofa, "cushions", None, ("couch", "settee")),
    Kind("bed", "furniture", bed, "blanket", None),
    Kind("clock", "furniture", clock, "face", CREAM, ("alarm clock",), stands_on_table=True, thin="feet"),
)  # fmt: skip
