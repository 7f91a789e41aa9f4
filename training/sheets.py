"""Contact sheets of what the starter set makes."""

import numpy as np
import torch
from PIL import Image

from training.data import Bytes, to_bytes
from tsr import TSR


def picture_sheet(pictures: Bytes, columns: int, side: int = 96) -> Image.Image:
    """Pictures [N, H, W, 3] in rows."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side, rows * side), "white")
    for n, picture in enumerate(pictures):
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        sheet.paste(small, (n % columns * side, n // columns * side))
    return sheet


def mesh_sheet(network: TSR, pictures: list[Bytes], framed: list[Bytes], columns: int = 4) -> Image.Image:
    """Each picture beside its reconstruction from the photo's side and from behind."""
    side = 144
    triples = []
    for picture, seen in zip(pictures, framed, strict=True):
        code = network.encode_tensor(torch.from_numpy(seen.copy()).permute(2, 0, 1)[None].float() / 255)[0]
        views = turntable(network, code.detach(), side)
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        triples.append(np.concatenate([np.asarray(small), *views], axis=1))
    blank = np.full_like(triples[0], 255)
    triples += [blank] * (-len(triples) % columns)
    rows = [np.concatenate(triples[n : n + columns], axis=1) for n in range(0, len(triples), columns)]
    return Image.fromarray(np.concatenate(rows))


def turntable(network: TSR, code: torch.Tensor, side: int) -> list[Bytes]:
    """The radiance field from three sides, a third of a turn apart."""
    views = network.render(code, n_views=3, elevation_deg=15.0, height=side, width=side)
    return [to_bytes(view.clamp(0, 1).numpy()) for view in views]
