"""Buildings, their doors at +X."""

import math
import random
from dataclasses import replace

from training.kinds.kind import Kind
from training.palette import CREAM, DARK, GLASS, WOOD
from training.solids import Part, Solid, Vec


def gable(solid: Solid, foot: Vec, rise: float, depth: float, colour: Vec) -> float:
    """Add a prism with its ridge along X, from (depth, half width, height) of its foot; its slope in degrees.

    Cuts whatever of the solid lies above the slopes.
    """
    x, run, z = foot
    slope = math.atan2(rise, run)
    solid.add(Part("box", (x, 0, z + rise / 2), (depth, run, rise / 2), colour))
    half = max(math.hypot(run, rise), 0.4) / 2 + 0.1
    away = (x, run / 2 + half * math.sin(slope), z + rise / 2 + half * math.cos(slope))
    reach = math.hypot(run, rise)
    slab = Part("box", away, (depth + 0.5, reach, half), colour, cut=True)
    solid.add(replace(slab, turn=(-math.degrees(slope), 0, 0)), "y")
    return math.degrees(slope)


def house(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    width, depth, wall, roof = u(0.5, 0.62), u(0.42, 0.55), u(0.37, 0.46), u(0.32, 0.42)
    run = width + 0.1
    slope = gable(solid, (0, run, 2 * wall), roof, depth - 0.02, main)
    solid.add(Part("box", (0, 0, wall), (depth, width, wall), main, rounding=0.02))
    at = (0, run / 2, 2 * wall + roof / 2 + 0.03)
    panel = (depth + 0.1, math.hypot(run, roof) / 2 + 0.04, 0.1)
    solid.add(Part("box", at, panel, second, turn=(-slope, 0, 0), rounding=0.02), "y")
    solid.add(Part("box", (depth, 0, 0.2), (0.03, 0.11, 0.2), WOOD, rounding=0.01))
    window = Part("box", (depth, width * 0.58, wall * 1.25), (0.03, 0.1, 0.1), GLASS, rounding=0.01)
    solid.add(window, mirror="y")
    if rng.random() < 0.6:
        solid.add(Part("box", (-0.1, width * 0.55, 2 * wall + roof * 0.8), (0.1, 0.1, 0.24), DARK))
    return solid


def castle(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    half, wall, tower, rise = u(0.42, 0.52), u(0.26, 0.34), u(0.17, 0.22), u(0.42, 0.55)
    solid.add(Part("box", (0, 0, wall), (half, half, wall), main))
    solid.add(Part("cone", (half, half, rise), (tower, tower, rise), main), mirror="xy")
    roof = u(0.2, 0.27)
    solid.add(Part("cone", (half, half, 2 * rise + roof), (tower * 1.3, 0.02, roof), second), mirror="xy")
    solid.add(Part("cone", (0, 0, rise * 1.1), (tower * 1.4, tower * 1.4, rise * 1.15), main))
    solid.add(Part("cone", (0, 0, rise * 2.25 + roof), (tower * 1.75, 0.02, roof * 1.15), second))
    for y in (-0.13, 0.13):
        solid.add(Part("box", (half - 0.08, y, 2 * wall + 0.06), (0.1, 0.08, 0.09), main), mirror="x")
    solid.add(Part("cone", (half, 0, 0.18), (0.13, 0.1, 0.2), WOOD))
    return solid


def lighthouse(rng: random.Random, main: Vec, second: Vec) -> Solid:
    solid, u = Solid(), rng.uniform
    wide, top, half = u(0.36, 0.44), u(0.22, 0.26), u(0.16, 0.19)
    bands = 5
    for band in range(bands):
        low, high = (wide + (top - wide) * (band + step) / bands for step in (0, 1))
        colour = second if band % 2 else main
        solid.add(Part("cone", (0, 0, half * (2 * band + 1)), (low, high, half * 1.02), colour))
    z = 2 * half * bands
    solid.add(Part("cone", (0, 0, z + 0.06), (top * 1.5, top * 1.5, 0.09), main, rounding=0.03))
    solid.add(Part("cone", (0, 0, z + 0.26), (top * 0.85, top * 0.85, 0.16), (0.98, 0.9, 0.5)))
    solid.add(Part("cone", (0, 0, z + 0.52), (top * 1.25, 0.03, 0.16), main, rounding=0.02))
    solid.add(Part("box", (wide * 0.93, 0, 0.16), (0.06, 0.09, 0.17), WOOD, turn=(0, -6, 0)))
    return solid


BUILDINGS = (
    Kind("house", "building", house, "roof", WOOD, ("cottage", "home")),
    Kind("castle", "building", castle, "roof", WOOD, ("fortress", "palace"), stands_on_table=True),
    Kind("lighthouse", "building", lighthouse, "stripes", CREAM, ("beacon",)),
)
