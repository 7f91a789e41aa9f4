"""Captions as people type them."""

import random
import re

from training.description import Description
from training.wordings import (
    DETERMINERS,
    FILLERS,
    FOREIGN,
    HEADS,
    PLURAL_DETERMINERS,
    SECOND_COLOURS,
    TAILS,
    UNCOUNTABLE,
    Place,
    known_words,
    wording,
)
from training.zoo import KINDS

Said = dict[str, tuple[Place, str]]  # how one caption words each value
PLACES: dict[Place, int] = {"front": 6, "behind": 3, "head": 2}  # how often each
PLURAL, SHUFFLED, STRANGE = 0.08, 0.3, 0.15
NO_ARTICLES, NO_COMMAS, CAPITALS = 0.25, 0.2, 0.15


def plain(description: Description) -> str:
    """The shortest caption: "a tall wooden red robot with a blue hat on a table, pencil drawing"."""
    toy = description
    front = [wording(value)["front"][0] for value in (toy.size, toy.material) if value]
    behind = [wording(value)["behind"][0] for value in (toy.extra, toy.style) if value]
    parts = [f"with {second_part(toy.kind, toy.second)}"] if toy.second else []
    return joined(["a", *front, toy.colour, toy.kind, *parts, *behind])


def varied(rng: random.Random, description: Description) -> str:
    """A caption in one of many wordings that says all of the description and nothing against it."""
    phrases = worded(rng, description)
    if rng.random() < STRANGE:
        for _ in range(rng.choice((1, 2))):
            phrases.insert(rng.randint(0, len(phrases)), stranger(rng))
    return typed(rng, joined(phrases))


def worded(rng: random.Random, description: Description) -> list[str]:
    """The phrases of a caption, all of known words; an article is "a" still, and a comma stands alone."""
    toy = description
    values = (toy.style, toy.size, toy.material, toy.colour, toy.extra)
    said = {value: say(rng, value) for value in values if value}
    front = at("front", said, toy.style, toy.size, toy.material, toy.colour)
    if rng.random() < SHUFFLED:
        rng.shuffle(front)
    added = at("behind", said, toy.extra)
    if toy.second:
        name = rng.choice(wording(toy.second)["front"])
        thing = second_part(toy.kind, name)
        added.insert(rng.randint(0, len(added)), rng.choice(SECOND_COLOURS).format(thing=thing))
    return [
        *(at("head", said, toy.style) or [rng.choice(HEADS)]),
        *named(rng, toy.kind, front),
        *at("behind", said, toy.colour, toy.material, toy.size),  # beside the noun: they are not a part's
        *added,
        *at("behind", said, toy.style),
        rng.choice(TAILS),
    ]


def say(rng: random.Random, value: str) -> tuple[Place, str]:
    """One of a value's wordings, and where it stands."""
    texts = wording(value)
    place = rng.choices(list(texts), [PLACES[place] for place in texts])[0]
    return place, rng.choice(texts[place])


def at(place: Place, said: Said, *values: str | None) -> list[str]:
    """The wordings that stand at a place, in the order of the values."""
    return [said[value][1] for value in values if value and said[value][0] == place]


def named(rng: random.Random, kind: str, front: list[str]) -> list[str]:
    """Determiner, adjectives and noun: the kind, a synonym or its plural."""
    if rng.random() < PLURAL:
        return [rng.choice(PLURAL_DETERMINERS), *front, KINDS[kind].plural]
    return [rng.choice(DETERMINERS), *front, rng.choice((kind, kind, kind, *KINDS[kind].words))]


def second_part(kind: str, colour: str) -> str:
    """The part of the second colour: "a blue roof", "black wheels"."""
    part = KINDS[kind].second
    return f"{colour} {part}" if is_plural(part) else f"a {colour} {part}"


def is_plural(part: str) -> bool:
    """Whether a part takes no article: "wheels", or what cannot be counted ("dough")."""
    return part.endswith("s") or part in UNCOUNTABLE


def stranger(rng: random.Random) -> str:
    """A word on which nothing depends."""
    makers = (lambda: rng.choice(FILLERS), lambda: rng.choice(FOREIGN), lambda: str(rng.randint(0, 2030)))
    return rng.choice((*makers, lambda: invented(rng)))()


def invented(rng: random.Random) -> str:
    """A word of two or three random syllables that no caption knows."""
    syllables = (rng.choice("bdfgjklmnprstvwxz") + rng.choice("aeiou") for _ in range(rng.choice((2, 3))))
    word = "".join(syllables) + rng.choice(("", "", *"lnrstk"))
    return invented(rng) if word in known_words() else word


def joined(phrases: list[str]) -> str:
    """Phrases as one text, with "an" where a vowel follows."""
    text = " ".join(phrase for phrase in phrases if phrase).replace(" ,", ",")
    return re.sub(r"\ba (?=[aeio]|u(?!k))", "an ", text)  # but "a ukulele"


def typed(rng: random.Random, text: str) -> str:
    """A text as fingers leave it: now and then without articles, without commas, or with capitals."""
    if rng.random() < NO_ARTICLES:
        text = re.sub(r"\b(an?|the) ", "", text)
    if rng.random() < NO_COMMAS:
        text = text.replace(",", "")
    if rng.random() < CAPITALS:
        text = rng.choice((text.capitalize(), text.title(), text.upper(), text.capitalize() + "."))
    return text
