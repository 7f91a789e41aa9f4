"""How people word each value of a description, and the words around it that say nothing of the toy.

The first wording of each place is the plainest.
"""

import re
from functools import cache
from typing import Literal

from training.palette import COLOURS
from training.zoo import KINDS

Place = Literal["front", "behind", "head"]  # of the noun, or of the whole caption
Wording = dict[Place, tuple[str, ...]]

COLOUR_WORDS = {
    "grey": ("grey", "gray"),
    "turquoise": ("turquoise", "turquoise", "teal", "cyan"),
    "purple": ("purple", "purple", "violet"),
}
WORDINGS: dict[str, Wording] = {
    "wood": {
        "front": ("wooden", "wooden", "wood", "timber"),
        "behind": ("made of wood", "out of wood", "carved from wood", ", wooden"),
    },
    "metal": {
        "front": ("metal", "metal", "metallic", "steel", "iron"),
        "behind": ("made of metal", "out of metal", "made of steel", ", metallic"),
    },
    "stone": {
        "front": ("stone", "stone", "granite", "marble"),
        "behind": ("made of stone", "out of stone", "carved from stone", "made of rock"),
    },
    "glass": {
        "front": ("glass", "glass", "transparent", "crystal"),
        "behind": ("made of glass", "out of glass", "blown from glass", ", transparent"),
    },
    "glossy": {
        "front": ("glossy", "shiny", "polished"),
        "behind": (", glossy", ", shiny", "with a glossy finish", "with a shiny surface"),
    },
    "matte": {
        "front": ("matte", "matte", "matt", "dull"),
        "behind": (", matte", ", matt", "with a matte finish", "with a dull surface"),
    },
    "tall": {
        "front": ("tall", "tall", "very tall", "big and tall", "big tall", "towering"),
        "behind": (", tall", ", very tall", ", towering"),
    },
    "small": {
        "front": ("small", "small", "tiny", "little", "very small", "mini", "miniature"),
        "behind": (", small", ", tiny", ", little"),
    },
    "wide": {
        "front": ("wide", "wide", "broad", "very wide", "large wide", "big and wide", "fat"),
        "behind": (", wide", ", very wide", ", broad"),
    },
    "cartoon": {
        "front": ("cartoon", "cartoon", "toon", "cartoonish", "comic"),
        "behind": (", cartoon style", ", cartoon", "in cartoon style", ", comic style", "as a cartoon"),
        "head": ("a cartoon of", "cartoon of", "a comic picture of"),
    },
    "clay": {
        "front": ("clay", "clay", "plasticine", "claymation"),
        "behind": (", clay model", ", made of clay", ", clay", ", clay style", "as a clay figure"),
        "head": ("a clay model of", "clay figure of", "a plasticine model of"),
    },
    "pencil": {
        "front": ("pencil", "pencil drawn", "hand drawn", "sketched"),
        "behind": (", pencil drawing", ", pencil sketch", "in pencil", ", sketch", "drawn with a pencil"),
        "head": ("a pencil drawing of", "pencil sketch of", "a sketch of", "a drawing of"),
    },
    "hat": {"behind": ("wearing a hat", "with a hat", "with a hat on", "in a hat", "and a hat")},
    "table": {"behind": ("on a table", "standing on a table", "on top of a table", "upon a table")},
}
SECOND_COLOURS = ("with {thing}", "with {thing}", "with {thing}", "and {thing}", ", {thing}")
UNCOUNTABLE = ("dough", "icing")
DETERMINERS = ("a",) * 12 + ("the", "one", "")
PLURAL_DETERMINERS = ("", "", "some", "the")
HEADS = ("",) * 12 + (
    "a picture of", "picture of", "an image of", "3d render of", "a 3d model of", "a photo of", "a toy:",
    "make", "create", "show me", "i want", "generate",
)  # fmt: skip
TAILS = ("",) * 12 + (
    ", white background", "on a white background", ", plain background", ", isolated", ", toy", ", 3d model",
    ", 3d render", ", simple", ", centered", ", detailed",
)  # fmt: skip
FILLERS = (
    "my", "our", "lovely", "cute", "very", "really", "nice", "beautiful", "pretty", "please", "for grandma",
    "for my son", "thanks", "awesome", "cool", "funny", "hello", "just",
)  # fmt: skip
FOREIGN = (
    "bitte", "mein", "schönes", "hola", "bonito", "por favor", "très", "joli", "merci", "ciao", "bella",
    "красивый", "очень", "かわいい", "可爱", "güzel",
)  # fmt: skip


def colour_wording(colour: str) -> Wording:
    """A colour before the noun, or right behind it."""
    names = COLOUR_WORDS.get(colour, (colour,))
    return {"front": names, "behind": (*(f"in {name}" for name in names), *(f", {name}" for name in names))}


def wording(value: str) -> Wording:
    """The wording of a colour, material, size, style or extra."""
    return WORDINGS[value] if value in WORDINGS else colour_wording(value)


@cache
def known_words() -> frozenset[str]:
    """Every word that a caption can hold, save foreign and invented ones: lower case, letters alone."""
    said = [text for value in (*WORDINGS, *COLOURS) for texts in wording(value).values() for text in texts]
    kinds = [text for name, kind in KINDS.items() for text in (name, kind.plural, kind.second, *kind.words)]
    around = (*SECOND_COLOURS, *DETERMINERS, *PLURAL_DETERMINERS, *HEADS, *TAILS, *FILLERS, "an")
    text = " ".join((*said, *kinds, *around)).replace("{thing}", "")
    return frozenset(re.findall("[a-z]+", text))
