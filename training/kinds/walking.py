"""Creatures that are shown from the side: long along Y, the head at +Y."""

import random

from training.kinds.details import ORANGE, ROSE, hat_place, put_eyes
from training.kinds.kind import Kind
from training.palette import CREAM, DARK, TAN
from training.solids import Part, Solid, Vec


def dog(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, leg, head = u(0.42, 0.54), u(0.38, 0.5), u(0.26, 0.3)
    solid.add(Part("ellipsoid", (0, 0, leg + 0.14), (0.25, length + 0.1, 0.25), main))
    legs = Part("cone", (0.14, length * 0.72, leg / 2), (0.13, 0.13, leg / 2), main, rounding=0.04, thin=True)
    solid.add(legs, "xy")
    y, z = length + 0.12, leg + 0.56
    solid.add(Part("ellipsoid", (0, length * 0.86, leg + 0.34), (0.17, 0.19, 0.26), main, blend=0.1))
    skull = (head * 0.95, head, head)
    solid.add(Part("ellipsoid", (0, y, z), skull, main, blend=0.08))
    solid.add(Part("ellipsoid", (0, y + head, z - 0.09), (0.15, 0.22, 0.14), main, blend=0.05))
    solid.add(Part("ellipsoid", (0, y + head + 0.2, z - 0.02), (0.08, 0.07, 0.07), DARK))
    put_eyes(solid, (head * 0.68, y + head * 0.62, z + 0.1), 0.055, "x")
    ear = (head * 0.95, y - head * 0.25, z - 0.1)
    solid.add(Part("ellipsoid", ear, (0.12, 0.18, u(0.3, 0.36)), second, turn=(u(-6, 14), 0, 0)), "x")
    tail = (0, -length - 0.16, leg + 0.34)
    solid.add(Part("cone", tail, (0.14, 0.12, 0.24), main, turn=(u(20, 50), 0, 0), rounding=0.05, thin=True))
    solid.head = hat_place((0, y, z), skull)
    return solid


def duck(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    body, head = u(0.42, 0.5), u(0.26, 0.32)
    solid.add(Part("ellipsoid", (0, 0, 0), (body * 0.85, body * 1.3, body * 0.75), main))
    tail = (0, -body * 1.2, body * 0.4)
    solid.add(Part("cone", tail, (0.19, 0.04, 0.2), main, turn=(48, 0, 0), rounding=0.03, blend=0.15))
    y, z = body * 0.75, body * 0.8 + head * 0.6
    solid.add(Part("ellipsoid", (0, y, z), (head, head, head), main, blend=0.15))
    solid.add(Part("ellipsoid", (0, y + head * 1.05, z - 0.05), (0.16, 0.24, 0.08), ORANGE))
    put_eyes(solid, (head * 0.78, y + head * 0.5, z + 0.08), 0.06, "x")
    wing = (body * 0.74, -body * 0.22, 0.06)
    solid.add(Part("ellipsoid", wing, (0.16, body * 0.76, body * 0.44), second, turn=(14, 0, 0)), "x")
    solid.head = hat_place((0, y, z), (head, head, head))
    return solid


def fish(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, tall, thick = u(0.52, 0.64), u(0.32, 0.42), u(0.2, 0.28)
    solid.add(Part("ellipsoid", (0, 0, 0), (thick, length, tall), main))
    tail = (0, -length - 0.14, 0.19)
    solid.add(Part("ellipsoid", tail, (0.09, 0.15, 0.32), second, turn=(-34, 0, 0), thin=True), "z")
    solid.add(Part("ellipsoid", (0, -0.05, tall * 0.95), (0.09, length * 0.42, 0.22), second, thin=True))
    fin = (thick * 0.95, -0.05, -tall * 0.25)
    solid.add(Part("ellipsoid", fin, (0.1, 0.2, 0.11), second, turn=(25, 0, 20), thin=True), "x")
    eye = (thick * 0.72, length * 0.6, tall * 0.22)
    solid.add(Part("ellipsoid", eye, (0.09, 0.1, 0.1), CREAM), "x")
    put_eyes(solid, (eye[0] + 0.06, eye[1] + 0.02, eye[2]), 0.06, "x")
    return solid


def elephant(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, leg, head = u(0.5, 0.6), u(0.4, 0.52), u(0.3, 0.35)
    solid.add(Part("ellipsoid", (0, 0, leg + 0.28), (0.4, length, 0.4), main))
    solid.add(Part("cone", (0.2, length * 0.56, leg / 2), (0.16, 0.16, leg / 2), main, rounding=0.04), "xy")
    y, z = length + 0.14, leg + 0.5
    skull = (head, head, head * 1.05)
    solid.add(Part("ellipsoid", (0, y, z), skull, main, blend=0.08))
    trunk = ((0.24, -0.12, 0.15, -30), (0.37, -0.36, 0.13, 5), (0.4, -0.58, 0.12, 5), (0.5, -0.72, 0.12, -60))
    for ahead, up, thick, tilt in trunk:
        at = (0, y + ahead, z + up)
        solid.add(Part("ellipsoid", at, (thick, thick, 0.19), main, turn=(tilt, 0, 0), blend=0.08))
    tusk = (0.16, y + 0.34, z - 0.24)
    solid.add(Part("cone", tusk, (0.07, 0.03, 0.15), CREAM, turn=(-105, 0, 0), rounding=0.02), "x")
    ear = (head * 0.95, y - 0.16, z + 0.02)
    solid.add(Part("ellipsoid", ear, (0.115, 0.28, u(0.32, 0.38)), second, turn=(0, 0, 16), thin=True), "x")
    put_eyes(solid, (head * 0.72, y + head * 0.62, z + 0.12), 0.055, "x")
    solid.head = hat_place((0, y, z), skull, 0.75)
    return solid


def pig(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, leg, fat = u(0.46, 0.56), u(0.3, 0.38), u(0.34, 0.4)
    z = leg + fat * 0.6
    solid.add(Part("cone", (0.2, length * 0.58, leg / 2), (0.15, 0.16, leg / 2), second, rounding=0.04), "xy")
    solid.add(Part("ellipsoid", (0, 0, z), (fat, length, fat), main))
    y, skull = length * 0.98, (0.28, 0.27, 0.28)
    solid.add(Part("ellipsoid", (0, y, z + 0.12), skull, main, blend=0.06))
    snout = (0, y + 0.28, z + 0.06)
    solid.add(Part("cone", snout, (0.15, 0.15, 0.1), ROSE, turn=(-90, 0, 0), rounding=0.04))
    ear = (0.18, y - 0.04, z + 0.38)
    solid.add(Part("cone", ear, (0.13, 0.02, 0.14), main, turn=(-25, 20, 0), rounding=0.02), "x")
    put_eyes(solid, (0.2, y + 0.17, z + 0.2), 0.055, "x")
    solid.add(Part("torus", (0, -length - 0.05, z + 0.14), (0.1, 0.08, 0), main, turn=(0, 90, 0)))
    solid.head = hat_place((0, y, z + 0.12), skull)
    return solid


def turtle(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, dome, head = u(0.5, 0.58), u(0.3, 0.38), u(0.23, 0.27)
    solid.add(Part("ellipsoid", (0, 0, 0.34), (length * 0.86, length, dome), second))
    solid.add(Part("box", (0, 0, 0), (1, 1, 0.32), second, cut=True))
    solid.add(Part("ellipsoid", (0, 0, 0.3), (length * 0.94, length * 1.1, 0.15), main))
    y, z = length + 0.3, u(0.46, 0.6)
    skull = (head, head * 1.15, head)
    solid.add(Part("ellipsoid", (0, y - 0.18, z - 0.16), (0.16, 0.3, 0.15), main, turn=(30, 0, 0)))
    solid.add(Part("ellipsoid", (0, y, z), skull, main, blend=0.08))
    put_eyes(solid, (head * 0.82, y + head * 0.5, z + 0.07), 0.055, "x")
    leg = (length * 0.62, length * 0.68, 0.16)
    solid.add(Part("ellipsoid", leg, (0.17, 0.19, 0.22), main), "xy")
    solid.add(Part("cone", (0, -length - 0.12, 0.26), (0.13, 0.03, 0.15), main, turn=(100, 0, 0)))
    solid.head = hat_place((0, y, z), skull)
    return solid


def dinosaur(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, leg, neck = u(0.42, 0.5), u(0.36, 0.44), u(0.42, 0.56)
    back = leg + 0.22
    spikes = ((-1.35, -0.02), (-0.75, 0.22), (-0.1, 0.33), (0.55, 0.3))
    for along, up in spikes:
        spike = (0, along * length, back + up)
        solid.add(Part("box", spike, (0.125, 0.19, 0.19), second, turn=(45, 0, 0), rounding=0.02, thin=True))
    solid.add(Part("ellipsoid", (0, 0, back), (0.31, length, 0.33), main))
    solid.add(Part("cone", (0.17, length * 0.5, leg / 2), (0.14, 0.14, leg / 2), main, rounding=0.04), "xy")
    tail = (0, -length - 0.2, back - 0.14)
    solid.add(Part("cone", tail, (0.25, 0.06, 0.46), main, turn=(104, 0, 0), rounding=0.05, blend=0.1))
    y, z = length + 0.16, back + neck
    turn = (-u(16, 26), 0.0, 0.0)
    solid.add(
        Part("cone", (0, y - 0.16, back + neck / 2), (0.22, 0.15, neck / 2 + 0.1), main, turn, 0.05, 0.1)
    )
    skull = (0.19, 0.29, 0.19)
    solid.add(Part("ellipsoid", (0, y + 0.1, z), skull, main, blend=0.06))
    put_eyes(solid, (0.16, y + 0.16, z + 0.08), 0.055, "x")
    solid.head = hat_place((0, y + 0.04, z), (0.24, 0.29, 0.19), 0.6)
    return solid


WALKING = (
    Kind("dog", "creature", dog, "ears", DARK, ("puppy", "doggy"), wears_hat=True, thin="legs"),
    Kind("duck", "creature", duck, "wings", CREAM, ("duckling",), wears_hat=True, stands_on_table=True),
    Kind("fish", "creature", fish, "fins", None, ("goldfish",), several="fish", thin="fins"),
    Kind("elephant", "creature", elephant, "ears", ROSE, wears_hat=True, thin="ears"),
    Kind("pig", "creature", pig, "legs", None, ("piglet", "piggy"), wears_hat=True),
    Kind("turtle", "creature", turtle, "shell", TAN, ("tortoise",), wears_hat=True, stands_on_table=True),
    Kind("dinosaur", "creature", dinosaur, "spikes", None, ("dino",), wears_hat=True, thin="spikes"),
)
