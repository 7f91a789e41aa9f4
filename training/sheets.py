"""Contact sheets of what the starter set makes."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from training.captions import plain
from training.data import HELD_OUT, Bytes
from training.description import MATERIALS, SIZES, STYLES, Description
from training.measure_meshes import framed_as_used
from training.measure_pictures import Paint, rounds, spread
from training.palette import COLOURS
from training.toys import extras_of
from training.zoo import KINDS
from tsr import TSR
from tsr.mesh import extract_mesh
from tsr.turntable import frames

COLUMNS = 12
MESHES = 24
FIRST_SEED = HELD_OUT + 80_000


def kind_rows() -> list[Description]:
    """Every kind in two colours, side by side."""
    both = rounds(list(COLOURS), 2 * len(KINDS))
    first, second = both[: len(KINDS)], both[len(KINDS) :]
    return [Description(*pair) for one, other in zip(first, second, strict=True) for pair in (one, other)]


def value_rows() -> list[Description]:
    """Two rows of materials, one of sizes, one of styles, and one of hats and tables."""
    named = [("material", value) for value in MATERIALS * 4]
    named += [("size", value) for value in SIZES * 4] + [("style", value) for value in STYLES * 4]
    kinds = spread(list(KINDS), len(named))
    found = [
        Description(kind, "blue", **{name: value}) for kind, (name, value) in zip(kinds, named, strict=True)
    ]
    for extra in ("hat", "table"):
        able = [kind for kind in KINDS if extra in extras_of(kind)]
        found += [Description(kind, "red", extra=extra) for kind in spread(able, COLUMNS // 2)]
    return found


def picture_sheet(pictures: Bytes, columns: int = COLUMNS, side: int = 96) -> Image.Image:
    """Pictures [N, H, W, 3] in rows."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side, rows * side), "white")
    for n, picture in enumerate(pictures):
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        sheet.paste(small, (n % columns * side, n // columns * side))
    return sheet


def stacked(sheets: Sequence[Image.Image]) -> Image.Image:
    """Sheets of one width, one below the other."""
    return Image.fromarray(np.concatenate([np.asarray(sheet) for sheet in sheets]))


def mesh_sheet(
    network: TSR, pictures: Sequence[Bytes], framed: Sequence[Bytes], columns: int = 4
) -> Image.Image:
    """Each picture beside its mesh from the photo's side and from two more."""
    side = 144
    rows_of = []
    for picture, seen in zip(pictures, framed, strict=True):
        tensor = torch.from_numpy(seen.copy()).permute(2, 0, 1)[None].float() / 255
        mesh = extract_mesh(network, network.encode_tensor(tensor)[0].detach(), 256)
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        rows_of.append(np.concatenate([np.asarray(small), *frames(mesh, 3, side)], axis=1))
    blank = np.full_like(rows_of[0], 255)
    rows_of += [blank] * (-len(rows_of) % columns)
    rows = [np.concatenate(rows_of[n : n + columns], axis=1) for n in range(0, len(rows_of), columns)]
    return Image.fromarray(np.concatenate(rows))


def draw_pictures(paint: Paint) -> Image.Image:
    """The sheet of all kinds, and of all that can be said of them."""
    groups = (kind_rows(), value_rows())
    return stacked([picture_sheet(paint([plain(toy) for toy in toys], FIRST_SEED)) for toys in groups])


def draw_meshes(paint: Paint, network: TSR, count: int = MESHES) -> Image.Image:
    """The sheet of meshes of pictures of so many kinds; a picture without an object has none."""
    kinds = spread(list(KINDS), count)
    colours = spread(list(COLOURS) * 2, count)
    pictures = paint(
        [plain(Description(*toy)) for toy in zip(kinds, colours, strict=True)], FIRST_SEED + 1000
    )
    framed = [framed_as_used(picture) for picture in pictures]
    seen = [(one, cut) for one, cut in zip(pictures, framed, strict=True) if cut is not None]
    return mesh_sheet(network, [one for one, _ in seen], [cut for _, cut in seen])
