"""The object of a picture found by whatever network there is: the one asked for, the usual one, or ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from models.missing import how_to_get
from pipelines.foreground import cut_out

if TYPE_CHECKING:
    from PIL import Image

    from models.store import ModelStore
    from pipelines.requests import Background

USUAL = "u2net"
_UNNEEDED: tuple[Background, ...] = ("auto", "keep", "fill")  # methods that do without a network


def needed(store: ModelStore, method: Background) -> list[str]:
    """The network that a method cannot do without, if any."""
    return [] if method in _UNNEEDED else [_network(store, method)]


def find_object(
    store: ModelStore,
    picture: Image.Image,
    method: Background,
    tell: Callable[[str], None] = lambda text: None,
) -> Image.Image:
    """The object of a picture, RGBA of the picture's size.

    Args:
        tell: takes what the user ought to know of how it was found.

    Raises:
        MaquetteError: BAD_IMAGE without an object, MODEL_MISSING without a network that was asked for.
    """
    name = _network(store, method)
    usable = method not in _UNNEEDED or store.state(name) != "missing"  # asked for, it says how to get it
    return cut_out(picture, method, partial(_removed, store, name, method, tell) if usable else None)


def _network(store: ModelStore, method: Background) -> str:
    """The network that a method names, else the usual one, or the one that ships where that is not here."""
    if method not in (*_UNNEEDED, "rembg"):
        return method
    ours = [card.name for card in store.shelf.cards.values() if card.task == "background" and card.shipped]
    return next((name for name in (USUAL, *ours) if store.state(name) != "missing"), USUAL)


def _removed(
    store: ModelStore, name: str, method: Background, tell: Callable[[str], None], image: Image.Image
) -> Image.Image:
    """RGB -> RGBA by a network that is loaded when it is first needed; a substitute is told about."""
    if name not in (method, USUAL):
        ours, usual = store.card(name), store.card(USUAL)
        tell(
            f"The object was cut out by {ours.title}, which is good at {ours.good_at}. {usual.title} "
            f"({USUAL}) is better at others, and is not here. {how_to_get(usual)}"
        )
    return store.background_remover(name)(image)
