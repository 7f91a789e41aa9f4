"""Telling that a model is not here: which files, how large, and what to do."""

from models.card import ModelCard
from models.errors import MaquetteError


def complaint(card: ModelCard, why: str) -> MaquetteError:
    """The error that names the model and says why it cannot be had."""
    return MaquetteError("MODEL_MISSING", f"{card.title} ({card.name}): {why}")


def missing(card: ModelCard, why: str) -> MaquetteError:
    """The error that names the model, its files, their size, and how to get them."""
    return complaint(card, f"{why} {how_to_get(card)}")


def needs(card: ModelCard) -> str:
    """Which files a model has, and how large they are."""
    size = megabytes(card.size_bytes) if card.size_bytes else "how large is told at the download"
    return f"It needs {', '.join(card.files)} ({size})"


def how_to_get(card: ModelCard) -> str:
    """Which files, how large, from where, and the commands that bring them."""
    if card.shipped:
        return (
            f"{needs(card)}, which come with Maquette in models/starter/{card.source}; "
            "`python -m training.make_starter` makes them anew."
        )
    if card.path is not None:
        return "Its entry in models.toml names a place where it is not."
    return (
        f"{needs(card)} from {card.source}. Run `python -m models download {card.name}` once while online, "
        f"or `python -m models import PATH {card.name}` with files that you have."
    )


def megabytes(size: int) -> str:
    """A size as people read it."""
    if size < 1e6:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e9:.1f}".removesuffix(".0") + " GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
