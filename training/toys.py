"""One toy: what is said of it, and its solid, all drawn from a seed."""

import random
from dataclasses import dataclass

from training.description import MATERIALS, SIZES, STYLES, Description
from training.field import Field
from training.kinds.extras import stand_on_table, wear_hat
from training.palette import COLOURS, shade
from training.solids import Solid, stretched
from training.surfaces import Look
from training.zoo import KINDS

SMALL = 0.62  # size of a small toy in its picture, of a plain one's
# How often a caption says so; a style and a material seldom come together: either hides marks of the other.
SECOND, MATERIAL, SIZE, STYLE, BOTH, EXTRA = 0.5, 0.55, 0.45, 0.3, 0.2, 0.25


@dataclass(frozen=True)
class Toy:
    """A toy and what is said of it."""

    description: Description
    look: Look
    field: Field

    @property
    def shown(self) -> Field:
        """The solid as pictures show it: small where that is said, while meshes are all of one size."""
        return self.field.scaled(SMALL) if self.description.size == "small" else self.field


def make_toy(seed: int, asked: Description | None = None) -> Toy:
    """The toy of a seed, as described; what is said of it is drawn too where nothing is asked for."""
    rng = random.Random(seed)
    description = asked or describe(rng)
    look = Look(
        description.material,
        description.style,
        (rng.uniform(-9, 9), rng.uniform(-9, 9), rng.uniform(-9, 9)),
    )
    return Toy(description, look, Field(model(rng, description)))


def describe(rng: random.Random, kind: str | None = None) -> Description:
    """A toy that somebody might ask for: every kind and colour as often, the rest in a share of all."""
    kind = kind or rng.choice(list(KINDS))
    colour = rng.choice(list(COLOURS))
    second = rng.choice([name for name in COLOURS if name != colour]) if rng.random() < SECOND else None
    material = rng.choice(MATERIALS) if rng.random() < MATERIAL else None
    style = rng.choice(STYLES) if rng.random() < (STYLE * BOTH if material else 2 * STYLE) else None
    size = rng.choice(SIZES) if rng.random() < SIZE else None
    extra = rng.choice(extras_of(kind)) if extras_of(kind) and rng.random() < EXTRA else None
    return Description(kind, colour, second, material, size, style, extra)


def extras_of(kind: str) -> list[str]:
    """What may be added to a kind."""
    return ["hat"] * KINDS[kind].wears_hat + ["table"] * KINDS[kind].stands_on_table


def model(rng: random.Random, description: Description) -> Solid:
    """The solid of a description, of random proportions."""
    kind = KINDS[description.kind]
    main = shade(description.colour, rng)
    other = shade(description.second, rng) if description.second else kind.natural or main
    solid = stretched(kind.model(rng, main, other), description.size)
    if description.extra == "hat":
        wear_hat(solid, rng, shade(rng.choice(list(COLOURS)), rng))
    if description.extra == "table":
        stand_on_table(solid, rng)
    return solid
