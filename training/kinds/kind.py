"""What is known of a kind of toy besides its shape."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from training.solids import Solid, Vec

Modeller = Callable[[random.Random, Vec, Vec], Solid]
Family = Literal["creature", "vehicle", "furniture", "food", "tool", "building", "plant", "toy"]


@dataclass(frozen=True)
class Kind:
    """A kind of toy: its modeller, the part of the second colour, and that colour when none is named."""

    name: str
    family: Family
    model: Modeller
    second: str
    natural: Vec | None  # None: the main colour again
    words: tuple[str, ...] = ()
    several: str = ""  # its plural where no rule gives it
    wears_hat: bool = False
    stands_on_table: bool = False
    thin: str = ""  # what its thin parts are called

    @property
    def plural(self) -> str:
        """The name of several of the kind."""
        if self.several:
            return self.several
        if self.name.endswith(("s", "x", "ch", "sh")):
            return self.name + "es"
        if self.name.endswith("y") and self.name[-2] not in "aeiou":
            return self.name[:-1] + "ies"
        return self.name + "s"
