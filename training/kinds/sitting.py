"""Creatures that sit or stand upright and face the front, +X."""

import random

from training.kinds.details import ORANGE, ROSE, hat_place, put_eyes
from training.kinds.kind import Kind
from training.palette import CREAM, DARK
from training.solids import Part, Solid, Vec


def cat(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    body, head = u(0.36, 0.42), u(0.3, 0.35)
    solid.add(Part("ellipsoid", (-0.06, 0, body), (body * 0.9, body * 0.9, body * 1.15), main))
    z = body * 2 + head * 0.6
    skull = (head * 0.95, head * 1.12, head * 0.9)
    solid.add(Part("ellipsoid", (0.1, 0, z), skull, main, blend=0.08))
    ear = (0.08, head * 0.7, z + head * 0.92)
    solid.add(Part("cone", ear, (0.17, 0.02, 0.17), main, turn=(-16, 0, 0), rounding=0.02), "y")
    put_eyes(solid, (0.1 + head * 0.82, head * 0.42, z + 0.06), 0.065, "y")
    solid.add(Part("ellipsoid", (0.1 + head * 0.93, 0, z - 0.06), (0.05, 0.07, 0.05), ROSE))
    solid.add(Part("ellipsoid", (0.14, 0, body * 0.9), (body * 0.78, body * 0.68, body * 0.85), second))
    solid.add(Part("ellipsoid", (0.3, body * 0.6, 0.1), (0.17, 0.13, 0.12), main), "y")
    solid.add(Part("torus", (-0.2, body * 0.95, 0.3), (0.24, 0.095, 0), main, turn=(0, 70, 25), thin=True))
    solid.head = hat_place((0.06, 0, z), skull, 0.75)
    return solid


def rabbit(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    body, head, ear = u(0.36, 0.43), u(0.28, 0.33), u(0.34, 0.44)
    solid.add(Part("ellipsoid", (0, 0, body), (body * 0.9, body * 0.95, body * 1.05), main))
    z = body * 2 + head * 0.6
    solid.add(Part("ellipsoid", (0.08, 0, z), (head, head, head * 0.95), main, blend=0.06))
    at = (0.02, head * 0.55, z + head * 0.6 + ear * 0.8)
    solid.add(Part("ellipsoid", at, (0.12, 0.15, ear), second, turn=(-u(6, 14), 0, 0), thin=True), "y")
    put_eyes(solid, (0.08 + head * 0.85, head * 0.45, z + 0.06), 0.06, "y")
    solid.add(Part("ellipsoid", (0.08 + head * 0.97, 0, z - 0.05), (0.06, 0.07, 0.05), ROSE))
    solid.add(Part("ellipsoid", (0.25, body * 0.6, 0.09), (0.26, 0.14, 0.11), main), "y")
    solid.add(Part("ellipsoid", (body * 0.8, body * 0.35, body * 1.1), (0.11, 0.1, 0.2), main), "y")
    solid.add(Part("ellipsoid", (-body, 0, 0.25), (0.14, 0.14, 0.14), CREAM))
    return solid


def bear(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    body, head = u(0.38, 0.46), u(0.32, 0.38)
    solid.add(Part("ellipsoid", (0, 0, body), (body * 0.9, body, body * 1.1), main))
    z = body * 2 + head * 0.7
    skull = (head * 0.9, head * 1.05, head * 0.9)
    solid.add(Part("ellipsoid", (0.04, 0, z), skull, main, blend=0.05))
    solid.add(Part("ellipsoid", (0, head * 0.85, z + head * 0.72), (0.11, 0.16, 0.16), main), "y")
    solid.add(Part("ellipsoid", (head * 0.9, 0, z - 0.09), (0.13, 0.17, 0.13), CREAM))
    solid.add(Part("ellipsoid", (head * 0.9 + 0.12, 0, z - 0.04), (0.05, 0.07, 0.055), DARK))
    put_eyes(solid, (head * 0.9, head * 0.42, z + 0.1), 0.06, "y")
    solid.add(Part("ellipsoid", (0.18, 0, body), (body * 0.84, body * 0.76, body * 0.9), second))
    arm = (0.12, body * 1.05, body * 1.35)
    solid.add(Part("ellipsoid", arm, (0.14, 0.14, 0.3), main, turn=(u(25, 50), 0, 0)), "y")
    solid.add(Part("ellipsoid", (0.32, body * 0.72, 0.14), (0.3, 0.17, 0.17), main, turn=(0, 0, 15)), "y")
    solid.head = hat_place((0.04, 0, z), skull)
    return solid


def owl(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall = u(0.42, 0.5), u(0.58, 0.7)
    solid.add(Part("ellipsoid", (0, 0, tall), (wide * 0.9, wide, tall), main))
    top, skull = tall * 1.55, (wide * 0.88, wide * 1.02, wide * 0.75)
    solid.add(Part("ellipsoid", (0, 0, top), skull, main, blend=0.1))
    tuft = (0.04, wide * 0.68, top + wide * 0.72)
    solid.add(Part("cone", tuft, (0.16, 0.02, 0.19), main, turn=(-24, 0, 0), rounding=0.02), "y")
    eye = wide * 0.4
    solid.add(Part("ellipsoid", (wide * 0.76, eye, top), (0.1, eye, eye), CREAM), "y")
    put_eyes(solid, (wide * 0.76 + 0.07, eye * 0.9, top), eye * 0.5, "y")
    beak = (wide * 0.9 + 0.03, 0, top - eye * 0.7)
    solid.add(Part("cone", beak, (0.02, 0.09, 0.11), ORANGE, turn=(0, -15, 0)))
    wing = (0.06, wide * 0.92, tall * 0.95)
    solid.add(Part("ellipsoid", wing, (wide * 0.72, 0.16, tall * 0.72), second, turn=(6, 0, -14)), "y")
    solid.add(Part("ellipsoid", (0.2, wide * 0.42, 0.05), (0.2, 0.13, 0.08), ORANGE), "y")
    solid.head = hat_place((0, 0, top), skull, 0.75)
    return solid


def penguin(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall, head = u(0.38, 0.46), u(0.54, 0.66), u(0.27, 0.32)
    solid.add(Part("ellipsoid", (0, 0, tall), (wide * 0.92, wide, tall), main))
    z = tall * 2 + head * 0.3
    skull = (head, head, head)
    solid.add(Part("ellipsoid", (0, 0, z), skull, main, blend=0.12))
    solid.add(Part("ellipsoid", (0.12, 0, tall * 0.92), (wide * 0.86, wide * 0.8, tall * 0.84), second))
    beak = (head + 0.08, 0, z - 0.02)
    solid.add(Part("cone", beak, (0.11, 0.02, 0.14), ORANGE, turn=(0, 90, 0)))
    put_eyes(solid, (head * 0.84, head * 0.45, z + 0.1), 0.055, "y")
    flipper = (0.02, wide * 1.04, tall * 1.05)
    turn = (u(14, 38), 0.0, 0.0)
    solid.add(Part("ellipsoid", flipper, (0.15, 0.1, 0.38), main, turn=turn, thin=True), "y")
    solid.add(Part("ellipsoid", (0.2, wide * 0.5, 0.06), (0.24, 0.16, 0.09), ORANGE), "y")
    solid.head = hat_place((0, 0, z), skull)
    return solid


SITTING = (
    Kind(
        "cat", "creature", cat, "belly", CREAM, ("kitten", "kitty"), wears_hat=True, stands_on_table=True,
        thin="tail",
    ),
    Kind("rabbit", "creature", rabbit, "ears", ROSE, ("bunny", "hare"), stands_on_table=True, thin="ears"),
    Kind(
        "bear", "creature", bear, "belly", CREAM, ("teddy bear", "teddy"), wears_hat=True,
        stands_on_table=True,
    ),
    Kind("owl", "creature", owl, "wings", None, wears_hat=True, stands_on_table=True),
    Kind(
        "penguin", "creature", penguin, "belly", CREAM, wears_hat=True, stands_on_table=True, thin="flippers"
    ),
)  # fmt: skip
