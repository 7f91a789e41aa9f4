"""Tools and vessels, handles along Y."""

import math
import random

from training.kinds.kind import Kind
from training.palette import WOOD
from training.solids import Part, Solid, Vec


def hammer(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, thick, head = u(0.5, 0.64), u(0.2, 0.25), u(0.3, 0.38)
    z = 2 * half
    solid.add(Part("cone", (0, 0, half), (0.14, 0.1, half), second, rounding=0.05, thin=True))
    solid.add(Part("box", (0, 0, z), (thick, head, thick), main, rounding=0.06))
    face = (0, head + 0.08, z)
    solid.add(Part("cone", face, (thick * 1.25, thick * 1.25, 0.12), main, turn=(90, 0, 0), rounding=0.04))
    claw = (0, -head - 0.1, z)
    solid.add(Part("ellipsoid", claw, (thick * 0.8, 0.32, 0.13), main, turn=(24, 0, 0)))
    return solid


def mug(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    radius, half = u(0.36, 0.48), u(0.4, 0.55)
    bottom = radius * u(0.85, 1.0)
    ring = (half * 0.55, u(0.09, 0.12), 0.0)
    side = u(52, 75)  # towards the front, where the mug hides it from no camera
    x, y = (radius + 0.04) * math.cos(math.radians(side)), (radius + 0.04) * math.sin(math.radians(side))
    solid.add(Part("torus", (x, y, 0), ring, second, turn=(0, 90, side - 90), thin=True))
    solid.add(Part("cone", (0, 0, 0), (bottom, radius, half), main, rounding=0.05))
    solid.add(Part("cone", (0, 0, 0.12), (bottom - 0.1, radius - 0.09, half), main, cut=True))
    return solid


def teapot(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, tall = u(0.46, 0.54), u(0.38, 0.46)
    ring = (tall * 0.6, 0.1, 0.0)
    solid.add(Part("torus", (0, -wide, 0.02), ring, main, turn=(0, 90, 0), thin=True))
    spout = (0, wide * 1.18, 0.1)
    solid.add(Part("cone", spout, (0.17, 0.09, 0.34), main, turn=(-u(42, 56), 0, 0), blend=0.1))
    solid.add(Part("ellipsoid", (0, 0, 0), (wide, wide, tall), main, blend=0.05))
    solid.add(Part("cone", (0, 0, -tall * 0.9), (wide * 0.55, wide * 0.6, 0.07), main))
    solid.add(Part("ellipsoid", (0, 0, tall * 0.68), (wide * 0.74, wide * 0.74, tall * 0.5), second))
    solid.add(Part("ellipsoid", (0, 0, tall * 1.2 + 0.06), (0.13, 0.13, 0.13), second))
    return solid


TOOLS = (
    Kind("hammer", "tool", hammer, "handle", WOOD, ("mallet",), thin="handle"),
    Kind("mug", "tool", mug, "handle", None, ("cup",), stands_on_table=True, thin="handle"),
    Kind("teapot", "tool", teapot, "lid", None, ("tea kettle",), stands_on_table=True, thin="handle"),
)
