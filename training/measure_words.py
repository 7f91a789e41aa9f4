"""How well pictures show the kind when prompts are worded as people word them."""

import random
import re
from collections.abc import Sequence

from training.captions import invented, plain, varied
from training.data import HELD_OUT
from training.description import Description
from training.measure_figures import Figures
from training.measure_pictures import Paint, pairs
from training.measure_starter import Ask
from training.questions import shares
from training.zoo import KINDS

FIRST_SEED = HELD_OUT + 30_000
UNKNOWN = (
    "masterpiece", "whimsical", "vintage", "futuristic", "enchanted", "gorgeous", "mysterious", "festive",
    "magical", "kitchen", "legendary", "weird",
)  # fmt: skip


def word_figures(paint: Paint, ask: Ask, count: int = 2 * len(KINDS)) -> Figures:
    """Shares of right kinds for so many captions in other words, and for as many with unknown words."""
    rng, toys = random.Random(FIRST_SEED), pairs(count)
    wordings = {
        "kind_as_typed": [otherwise(rng, toy) for toy in toys],
        "unknown_word": [with_unknown(rng, toy) for toy in toys],
    }
    return {
        name: named_right(paint, ask, captions, toys, FIRST_SEED + 1000 * n)
        for n, (name, captions) in enumerate(wordings.items())
    }


def named_right(
    paint: Paint, ask: Ask, captions: Sequence[str], toys: Sequence[Description], seed: int
) -> float:
    """Share of pictures that show the kind of their toy."""
    return shares(ask(paint(captions, seed)), toys)["kind"]


def otherwise(rng: random.Random, toy: Description) -> str:
    """A varied caption with a synonym or the plural, where one of twenty has that, in the kind's stead."""
    tried = [varied(rng, toy) for _ in range(20)]
    own = re.compile(rf"\b{toy.kind}\b", re.IGNORECASE)
    return next((caption for caption in tried if not own.search(caption)), tried[-1])


def with_unknown(rng: random.Random, toy: Description) -> str:
    """A plain caption with an English word and an invented one that no caption knows, anywhere in it."""
    words = plain(toy).split()
    for stranger in (rng.choice(UNKNOWN), invented(rng)):
        words.insert(rng.choice((1, len(words))), stranger)  # never between the words of "ice cream"
    return " ".join(words)
