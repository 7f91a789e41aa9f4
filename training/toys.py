"""One toy: its kind, colours, caption and solid, all drawn from a seed."""

import random
from dataclasses import dataclass

from training.captions import varied
from training.field import Field
from training.palette import COLOURS, shade
from training.zoo import KINDS


@dataclass(frozen=True)
class Toy:
    """A toy and the words for it; `second` is None where the caption names one colour."""

    kind: str
    colour: str
    second: str | None
    caption: str
    field: Field


def make_toy(seed: int, kind: str | None = None, colour: str | None = None) -> Toy:
    """The toy of a seed; kind and colour are drawn too where not given."""
    rng = random.Random(seed)
    kind = kind or rng.choice(list(KINDS))
    colour = colour or rng.choice(list(COLOURS))
    second = rng.choice([name for name in COLOURS if name != colour]) if rng.random() < 0.45 else None
    main = shade(colour, rng)
    other = shade(second, rng) if second else KINDS[kind].natural or main
    solid = KINDS[kind].model(rng, main, other)
    return Toy(kind, colour, second, varied(rng, kind, colour, second), Field(solid))
