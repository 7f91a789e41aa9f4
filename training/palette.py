"""The twelve colours that captions name, and how a toy's own shade of one is drawn."""

import random

from training.solids import Vec

COLOURS: dict[str, Vec] = {
    "red": (0.85, 0.12, 0.12),
    "orange": (0.96, 0.50, 0.08),
    "yellow": (0.97, 0.84, 0.14),
    "green": (0.18, 0.60, 0.22),
    "turquoise": (0.16, 0.76, 0.74),
    "blue": (0.13, 0.29, 0.85),
    "purple": (0.50, 0.20, 0.70),
    "pink": (0.98, 0.56, 0.74),
    "brown": (0.44, 0.26, 0.12),
    "white": (0.94, 0.94, 0.93),
    "grey": (0.50, 0.50, 0.52),
    "black": (0.11, 0.11, 0.12),
}

CREAM: Vec = (0.95, 0.90, 0.78)
WOOD: Vec = (0.62, 0.42, 0.24)
DARK: Vec = (0.16, 0.16, 0.18)
GLASS: Vec = (0.70, 0.86, 0.95)
TAN: Vec = (0.86, 0.66, 0.40)


def shade(name: str, rng: random.Random) -> Vec:
    """A shade of a named colour, each channel within 0.03 of the palette's."""
    r, g, b = (min(1.0, max(0.0, channel + rng.uniform(-0.03, 0.03))) for channel in COLOURS[name])
    return (r, g, b)
