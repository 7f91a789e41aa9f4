"""Contact sheets of what the starter set makes."""

import math
from typing import cast

import numpy as np
import torch
import trimesh
from PIL import Image
from trimesh.visual import ColorVisuals

from training.data import Bytes
from tsr import TSR
from tsr.cameras import DISTANCE, FOV_Y_DEG
from tsr.mesh import extract_mesh


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
        views = [draw_mesh(mesh, math.radians(angle), side) for angle in (0, 120, 240)]
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
        rows_of.append(np.concatenate([np.asarray(small), *views], axis=1))
    blank = np.full_like(rows_of[0], 255)
    rows_of += [blank] * (-len(rows_of) % columns)
    rows = [np.concatenate(rows_of[n : n + columns], axis=1) for n in range(0, len(rows_of), columns)]
    return Image.fromarray(np.concatenate(rows))


def draw_mesh(mesh: trimesh.Trimesh, azimuth: float, side: int, elevation: float = 0.26) -> Bytes:
    """A fine mesh [side, side, 3] on white, lit from the camera, by its vertices alone.

    They lie closer together than the pixels, so that the nearest one in each pixel is the surface.
    """
    away = np.array(
        [
            math.cos(elevation) * math.cos(azimuth),
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
        ]
    )
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    up = np.cross(away, right)
    depth = DISTANCE - mesh.vertices @ away
    focal = 0.5 * side / math.tan(math.radians(FOV_Y_DEG) / 2)
    column = (side / 2 + focal * (mesh.vertices @ right) / depth).clip(0, side - 1).astype(int)
    row = (side / 2 - focal * (mesh.vertices @ up) / depth).clip(0, side - 1).astype(int)
    far_first = np.argsort(-depth)
    light = 0.45 + 0.55 * np.clip(mesh.vertex_normals @ away, 0, 1)
    colours = cast(ColorVisuals, mesh.visual).vertex_colors
    shaded = np.asarray(colours)[:, :3] * light[:, None]
    drawn = np.full((side, side, 3), 255, np.uint8)
    drawn[row[far_first], column[far_first]] = shaded[far_first].astype(np.uint8)
    return drawn
