"""What any toy can be given: a hat on its head, a table to stand on."""

import random

import numpy as np

from training.field import Floats, ask, ball, grid, table_row
from training.palette import CREAM, WOOD
from training.solids import Part, Solid, Vec

CELLS = 28  # along each side of a grid


def wear_hat(solid: Solid, rng: random.Random, colour: Vec) -> None:
    """Put a top hat or a party hat on the solid's head.

    Raises:
        ValueError: The solid has no head.
    """
    if solid.head is None:
        raise ValueError("this solid has no head to put a hat on")
    (x, y, z), radius = solid.head
    if rng.random() < 0.5:
        tall = radius * rng.uniform(0.8, 0.95)
        brim = (radius * 1.6, radius * 1.6, radius * 0.24)
        solid.add(Part("cone", (x, y, z), brim, colour, rounding=radius * 0.06))
        crown = (radius * 1.05, radius * rng.uniform(1.0, 1.15), tall)
        solid.add(Part("cone", (x, y, z + tall), crown, colour, rounding=radius * 0.08))
        return
    tall = radius * rng.uniform(1.0, 1.25)
    solid.add(Part("cone", (x, y, z + tall * 0.96), (radius * 1.25, radius * 0.12, tall), colour))
    solid.add(Part("ellipsoid", (x, y, z + tall * 1.96), (radius * 0.28,) * 3, CREAM))


def stand_on_table(solid: Solid, rng: random.Random) -> None:
    """Put a wooden table, lower than the solid, under its feet."""
    low, high, middle, half = standing(solid)
    tall = high - low
    down, top = tall * rng.uniform(0.42, 0.55), tall * 0.06
    width = max(half * rng.uniform(1.1, 1.25), tall * 0.36)
    x, y = middle
    z = low + 0.02 * tall - top  # the feet sink in a little
    leg = 0.13 * width + 0.06 * tall
    if rng.random() < 0.5:
        width *= 1.15
        solid.add(Part("cone", (x, y, z), (width, width, top), WOOD, rounding=top * 0.3))
        solid.add(Part("cone", (x, y, z - down / 2), (leg * 1.2, leg * 1.2, down / 2), WOOD))
        solid.add(Part("cone", (x, y, z - down + top), (width * 0.7, width * 0.55, top), WOOD))
        return
    solid.add(Part("box", (x, y, z), (width, width, top), WOOD, rounding=top * 0.3))
    for side_x in (-1, 1):
        for side_y in (-1, 1):
            at = (x + side_x * (width - leg), y + side_y * (width - leg), z - down / 2)
            solid.add(Part("box", at, (leg, leg, down / 2), WOOD, rounding=leg * 0.2))


def standing(solid: Solid) -> tuple[float, float, tuple[float, float], float]:
    """The heights of a solid's lowest and highest points, and the middle and half width of its foot."""
    table: Floats = np.array([table_row(part) for part in solid.parts], np.float32)
    centre, reach = ball(table)
    first, last = centre - reach, centre + reach
    for _ in range(2):
        points, cell = inside(table, first, last), (last - first) / CELLS
        first, last = points.min(0) - cell, points.max(0) + cell
    foot = points[points[:, 2] < first[2] + 0.2 * (last - first)[2]][:, :2]
    near, far = foot.min(0), foot.max(0)
    middle = (near + far) / 2
    last[2] = first[2] + 2 * cell[2]  # once more, finely, where it ends below
    low, high = float(inside(table, first, last)[:, 2].min()), float(points[:, 2].max())
    return low, high, (float(middle[0]), float(middle[1])), float((far - near).max() / 2)


def inside(table: Floats, first: Floats, last: Floats) -> Floats:
    """Those points [N, 3] of a grid between two corners that lie in a solid."""
    points = grid(first, last, CELLS)
    return points[ask(table, points)[0] < 0]
