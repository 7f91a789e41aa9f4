"""What can be said of a toy: its kind, colours, material, size, style, and what is added to it."""

from dataclasses import dataclass

MATERIALS = ("wood", "metal", "stone", "glass", "glossy", "matte")
SIZES = ("tall", "small", "wide")
STYLES = ("cartoon", "clay", "pencil")
EXTRAS = ("hat", "table")  # worn, and stood upon


@dataclass(frozen=True)
class Description:
    """One toy in words; None is what a caption leaves unsaid, and the toy is then plain in that way."""

    kind: str  # of training.zoo.KINDS
    colour: str  # of training.palette.COLOURS
    second: str | None = None  # colour of the part that the kind's `second` names
    material: str | None = None
    size: str | None = None
    style: str | None = None
    extra: str | None = None
