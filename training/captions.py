"""Captions as people type them."""

import random

from training.zoo import KINDS

LEADS = ("", "", "", "a picture of ", "a toy: ", "3d render of ", "a small model of ", "an image of ")
TAILS = ("", "", "", ", white background", ", toy", " on a white background", ", 3d model", ", simple")


def plain(kind: str, colour: str, second: str | None = None) -> str:
    """The shortest caption, such as "a blue robot with a red hat"."""
    text = f"{article(colour)} {colour} {kind}"
    if second is None:
        return text
    part = KINDS[kind].second
    return (
        f"{text} with {second} {part}"
        if is_plural(part)
        else f"{text} with {article(second)} {second} {part}"
    )


def is_plural(word: str) -> bool:
    """Whether a part is spoken of in the plural ("wheels"), or cannot be counted ("dough")."""
    return word.endswith("s") or word == "dough"


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def varied(rng: random.Random, kind: str, colour: str, second: str | None) -> str:
    """A caption in one of many wordings: synonyms, with and without articles, commas and capitals."""
    name = rng.choice((kind, kind, kind, *KINDS[kind].words))
    text = plain(kind, colour, second).replace(kind, name, 1)
    if second is None and rng.random() < 0.25:
        text = rng.choice(
            (f"{colour} {name}", f"{name} in {colour}", f"{name}, {colour}", f"the {colour} {name}")
        )
    elif second is not None and rng.random() < 0.3:
        part = KINDS[kind].second
        text = rng.choice((f"{colour} {name}, {second} {part}", f"{colour} {name} with {second} {part}"))
    text = rng.choice(LEADS) + text + rng.choice(TAILS)
    return text.capitalize() if rng.random() < 0.15 else text
