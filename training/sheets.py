"""Contact sheets of what the starter set makes."""

import numpy as np
import torch
from PIL import Image

from training.data import Bytes
from tsr import TSR
from tsr.mesh import extract_mesh
from tsr.turntable import frames


def picture_sheet(pictures: Bytes, columns: int, side: int = 96) -> Image.Image:
    """Pictures [N, H, W, 3] in rows."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side, rows * side), "white")
    for n, picture in enumerate(pictures):
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        sheet.paste(small, (n % columns * side, n // columns * side))
    return sheet


def mesh_sheet(network: TSR, pictures: list[Bytes], framed: list[Bytes], columns: int = 4) -> Image.Image:
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
