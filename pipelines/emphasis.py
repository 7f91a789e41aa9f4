"""Weights of words in the common syntax: (more), [less], (exactly:1.3), \\( for a bracket itself."""

import re
from dataclasses import dataclass

from models.errors import MaquetteError

MORE = 1.1
MOST = 10.0
_PIECE = re.compile(
    r"\\(?P<escaped>[()\[\]\\])"
    r"|(?P<open>[(\[])"
    r"|:\s*(?P<weight>\d+(?:\.\d*)?|\.\d+)\s*(?=\))"
    r"|(?P<close>[)\]])"
    r"|(?P<text>[^\\()\[\]:]+|.)",
    re.DOTALL,
)


@dataclass
class Phrase:
    """Words of one weight."""

    text: str
    weight: float = 1.0


@dataclass
class _Open:
    """A bracket that is not closed yet: which one, and how many phrases were before it."""

    bracket: str
    before: int
    weight: float | None = None


def phrases(prompt: str) -> list[Phrase]:
    """A prompt's words with their weights; a bracket without its other half is an ordinary character.

    Raises:
        MaquetteError: BAD_REQUEST for a weight beyond the limit.
    """
    found: list[Phrase] = []
    opened: list[_Open] = []
    for piece in _PIECE.finditer(prompt):
        kind, text = str(piece.lastgroup), str(piece[str(piece.lastgroup)])
        if kind == "open":
            opened.append(_Open(text, len(found)))
            found.append(Phrase(text))
        elif kind == "weight" and opened and opened[-1].bracket == "(":
            opened[-1].weight = float(text)
        elif kind == "close" and opened and opened[-1].bracket + text in ("()", "[]"):
            _close(found, opened.pop())
        else:
            found.append(Phrase(piece[0] if kind == "weight" else text))
    return _joined(found)


def _close(found: list[Phrase], opened: _Open) -> None:
    """Give what is between two brackets its weight, and take the bracket away."""
    factor = MORE if opened.bracket == "(" else 1 / MORE
    if opened.weight is not None:
        factor = opened.weight
    found[opened.before].text = ""
    for phrase in found[opened.before :]:
        phrase.weight *= factor
        if phrase.weight > MOST:
            raise MaquetteError(
                "BAD_REQUEST", f"prompt: the weight {phrase.weight:g} is more than the limit {MOST:g}"
            )


def _joined(found: list[Phrase]) -> list[Phrase]:
    """Neighbours of the same weight as one phrase."""
    joined: list[Phrase] = []
    for phrase in found:
        if not phrase.text:
            continue
        if joined and joined[-1].weight == phrase.weight:
            joined[-1].text += phrase.text
        else:
            joined.append(phrase)
    return joined
