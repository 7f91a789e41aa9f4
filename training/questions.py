"""What a picture is asked, how a toy's description answers, and how many answers were right."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from training.description import MATERIALS, SIZES, STYLES, Description
from training.palette import COLOURS
from training.zoo import KINDS

NONE = "none"  # the answer for a toy that is plain in that way
UNASKED = -100  # the label that cross entropy leaves out
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": tuple(KINDS),
    "colour": tuple(COLOURS),
    "second": tuple(COLOURS),  # asked only where it is named
    "material": (*MATERIALS, NONE),
    "size": (*SIZES, NONE),
    "style": (*STYLES, NONE),
}


@dataclass(frozen=True)
class Answer:
    """What a picture was taken for, one of the choices of each question."""

    kind: str
    colour: str
    second: str
    material: str
    size: str
    style: str


def labels(description: Description) -> dict[str, int]:
    """The index of the right choice of each question."""
    said = asdict(description)
    return {name: label(choices, said[name]) for name, choices in CHOICES.items()}


def label(choices: tuple[str, ...], value: str | None) -> int:
    """The index of a value; what is left unsaid is "none" where that is a choice."""
    if value is not None:
        return choices.index(value)
    return choices.index(NONE) if NONE in choices else UNASKED


def shares(answers: Sequence[Answer], descriptions: Sequence[Description]) -> dict[str, float]:
    """The share of right answers to each question, over the descriptions that name what it asks for."""
    pairs = [(asdict(answer), asdict(toy)) for answer, toy in zip(answers, descriptions, strict=True)]
    found = {}
    for name in CHOICES:
        right = [given[name] == said[name] for given, said in pairs if said[name] is not None]
        if right:
            found[name] = sum(right) / len(right)
    return found
