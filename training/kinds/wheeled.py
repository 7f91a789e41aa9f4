"""Vehicles on wheels: long along Y, the bonnet at +Y."""

import random

from training.kinds.details import put_wheels
from training.kinds.kind import Kind
from training.palette import CREAM, DARK, GLASS
from training.solids import Part, Solid, Vec


def car(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, width, wheel = u(0.75, 0.95), u(0.34, 0.42), u(0.21, 0.26)
    solid.add(Part("box", (0, 0, 0.38), (width, length, u(0.17, 0.22)), main, rounding=0.12))
    cabin, at = length * u(0.45, 0.6), u(-0.15, 0.1)
    solid.add(Part("box", (0, at, 0.64), (width * 0.88, cabin, 0.2), main, rounding=0.12, blend=0.05))
    solid.add(Part("box", (0, at, 0.67), (width * 0.92, cabin * 0.72, 0.095), GLASS, rounding=0.04))
    solid.add(Part("box", (0, at, 0.67), (width * 0.6, cabin * 1.04, 0.095), GLASS, rounding=0.04))
    put_wheels(solid, (width, length * 0.58, wheel), wheel, 0.11, second)
    solid.head = ((0, at, 0.82), width * 0.6)
    return solid


def truck(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, cargo, tall, cab = u(0.34, 0.4), u(0.46, 0.62), u(0.32, 0.42), u(0.24, 0.3)
    solid.add(Part("box", (0, 0, 0.3), (width * 0.8, cargo + cab, 0.09), DARK, rounding=0.03))
    solid.add(Part("box", (0, -cab, 0.36 + tall), (width, cargo, tall), main, rounding=0.03))
    front, high = cargo + 0.04, tall * u(0.68, 0.78)
    solid.add(Part("box", (0, front, 0.26 + high), (width * 0.96, cab, high), second, rounding=0.09))
    side = Part("box", (width * 0.95, front + 0.04, 0.3 + high * 1.3), (0.03, cab * 0.6, high * 0.3), GLASS)
    solid.add(side, "x")
    solid.add(Part("box", (0, front + cab, 0.3 + high * 1.3), (width * 0.75, 0.03, high * 0.3), GLASS))
    for y in (front, -cab - cargo * 0.6, -cab + cargo * 0.2):
        put_wheels(solid, (width * 0.9, y, 0.2), 0.2, 0.11, DARK, "x")
    solid.head = ((0, -cab, 0.33 + 2 * tall), width * 0.7)
    return solid


def bus(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    length, width, tall = u(0.85, 1.05), u(0.3, 0.36), u(0.36, 0.44)
    solid.add(Part("box", (0, 0, 0.2 + tall), (width, length, tall), main, rounding=0.07))
    roof = 0.2 + tall * 2
    solid.add(Part("box", (0, 0, roof), (width + 0.03, length + 0.03, tall * 0.22), second, rounding=0.07))
    for slot in range(4):
        y = length * (0.5 * slot - 0.74)
        pane = Part("box", (width, y, 0.2 + tall * 1.2), (0.03, length * 0.19, tall * 0.27), GLASS)
        solid.add(pane, "x")
    solid.add(Part("box", (0, length, 0.2 + tall * 1.2), (width * 0.8, 0.03, tall * 0.34), GLASS), "y")
    put_wheels(solid, (width * 0.96, length * 0.56, 0.21), 0.21, 0.1, DARK)
    solid.head = ((0, 0, roof + tall * 0.22), width * 0.8)
    return solid


def train(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    boiler, length, wheel = u(0.25, 0.3), u(0.44, 0.54), u(0.2, 0.24)
    floor = wheel * 1.7
    z = floor + boiler
    solid.add(Part("box", (0, 0, floor), (0.26, length + 0.36, 0.1), main, rounding=0.03))
    solid.add(Part("cone", (0, 0.24, z), (boiler, boiler, length), main, turn=(90, 0, 0), rounding=0.05))
    cab = floor + 0.44
    solid.add(Part("box", (0, -length * 0.8, cab), (0.31, 0.25, 0.42), main, rounding=0.03))
    solid.add(Part("box", (0, -length * 0.8, cab + 0.44), (0.38, 0.33, 0.1), main, rounding=0.04))
    solid.add(Part("box", (0, -length * 0.8, cab + 0.16), (0.33, 0.15, 0.14), GLASS, rounding=0.02))
    chimney = length * 0.9
    solid.add(Part("cone", (0, chimney, z + boiler + 0.12), (0.11, 0.17, 0.2), main))
    solid.add(Part("ellipsoid", (0, chimney - 0.4, z + boiler), (0.13, 0.13, 0.15), main))
    bumper = (0, length + 0.38, wheel * 0.9)
    solid.add(Part("cone", bumper, (0.28, 0.12, 0.18), DARK, turn=(-60, 0, 0), rounding=0.02))
    for y in (-length * 0.85, -0.03, length * 0.75):
        put_wheels(solid, (0.3, y, wheel), wheel, 0.1, second, "x")
    return solid


WHEELED = (
    Kind("car", "vehicle", car, "wheels", DARK, ("automobile",), wears_hat=True, stands_on_table=True),
    Kind("truck", "vehicle", truck, "cab", None, ("lorry",), wears_hat=True),
    Kind("bus", "vehicle", bus, "roof", CREAM, ("coach",), wears_hat=True),
    Kind("train", "vehicle", train, "wheels", DARK, ("locomotive", "steam engine"), stands_on_table=True),
)
