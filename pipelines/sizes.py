"""The size that a given picture is drawn at."""

from models.catalogue import ModelCard
from models.errors import MaquetteError

SMALLEST = 64  # pixels; below it a model sees nothing


def fitting_size(width: int, height: int, card: ModelCard) -> tuple[int, int]:
    """The size nearest to a picture's own that a model draws well: its shape kept, rounded down to multiples.

    The longer side is at least what the model is made for and at most what it can still draw.

    Raises:
        MaquetteError: BAD_IMAGE for a picture that is too narrow.
    """
    largest = max(card.largest_size, card.native_size)
    longest = min(max(max(width, height), card.native_size), largest)
    sides = [
        side * longest // max(width, height) // card.multiple_of * card.multiple_of
        for side in (width, height)
    ]
    if min(sides) < SMALLEST:
        most = largest // SMALLEST
        raise MaquetteError(
            "BAD_IMAGE", f"The picture is {width} x {height}; one side may be at most {most} times the other."
        )
    return sides[0], sides[1]
