"""Pictures made larger: at once, or tile by tile by a network."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from models.errors import MaquetteError
from models.store import ModelStore
from models.upscalers import LANCZOS, Upscaler, find_upscalers, load_upscaler
from pipelines.easel import Check
from pipelines.events import Artifact, Event, Figure, Stage, Step
from pipelines.ladder import Rung, climb
from pipelines.metadata import read_parameters, save_png
from pipelines.pictures import MAX_PIXELS, open_picture
from pipelines.plain_background import opaque
from pipelines.requests import Upscale, shorten
from pipelines.streaming import Tell, stream

if TYPE_CHECKING:
    from torch import Tensor

_FIGURES = ("width", "height", "seed")
TILE, EDGE = 192, 16  # pixels of the small picture; a tile's edge is computed with it and cut off


def find_upscaler(name: str, folder: Path) -> Path | None:
    """The file of an upscaler, None for Lanczos.

    Raises:
        MaquetteError: BAD_REQUEST naming the known ones.
    """
    known = find_upscalers(folder)
    if name != LANCZOS and name not in known:
        names = ", ".join([LANCZOS, *known])
        raise MaquetteError("BAD_REQUEST", f"upscaler: {shorten(name)} is not one of {names}")
    return known.get(name)


def upscale(
    store: ModelStore, path: Path, request: Upscale, network: Path | None, folder: Path, check: Check
) -> Generator[Event]:
    """Make the picture of a file larger, in the folder.

    Raises:
        MaquetteError: TOO_LARGE beyond the limit of pixels, MODEL_MISSING, OUT_OF_MEMORY, or whatever `check`
            raises to cancel.
    """
    picture = open_picture(path)
    width, height = picture.width * request.scale, picture.height * request.scale
    if width * height > MAX_PIXELS:
        raise MaquetteError(
            "TOO_LARGE",
            f"{request.scale} times {picture.width} x {picture.height} is {width * height:,} pixels, "
            f"the limit is {MAX_PIXELS:,}.",
        )
    if network is None:
        yield Stage("enlarging", 1)
        large = picture.resize((width, height), Image.Resampling.LANCZOS)
    else:
        large = yield from _by_network(store, picture, (width, height), network, check)
    yield Stage("writing", 1)
    facts = told_by(path) | {"upscaler": request.upscaler, "width": width, "height": height}
    save_png(large, folder / "image-0.png", request, facts)
    figures: dict[str, Figure] = {name: facts[name] for name in _FIGURES if name in facts}
    yield Artifact("image", "image-0.png", "image/png", figures)


def told_by(path: Path) -> dict[str, Any]:
    """What a picture of ours says of how it was drawn, with its words."""
    record = read_parameters(path) or {}
    facts = dict(record.get("facts") or {})
    words = {
        name: text
        for name in ("prompt", "negative_prompt")
        if isinstance(text := (record.get("request") or {}).get(name), str) and text
    }
    return facts | words


def _by_network(
    store: ModelStore, picture: Image.Image, size: tuple[int, int], network: Path, check: Check
) -> Generator[Event, None, Image.Image]:
    """Enlarge with a network, in smaller tiles where memory runs out; transparency is enlarged by Lanczos."""
    yield Stage("loading", 1)
    upscaler = store.thread.call(load_upscaler, network, store.runtime)
    easel = Tiles(upscaler, opaque(picture), store.runtime.device, check)

    def smaller() -> None:
        store.free()
        easel.tile = TILE // 3

    rungs = [Rung("letting other models go and enlarging in smaller tiles", smaller)]
    refusal = f"The picture of {picture.width} x {picture.height} cannot be enlarged in the memory there is"
    work = partial(stream, store.thread, easel.enlarge)
    large: Image.Image = yield from climb(work, rungs, refusal)
    large = large.resize(size, Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        large.putalpha(picture.getchannel("A").resize(size, Image.Resampling.LANCZOS))
    return large


@dataclass
class Tiles:
    """A picture being enlarged tile by tile."""

    upscaler: Upscaler
    picture: Image.Image
    device: Any
    check: Check
    tile: int = TILE

    def enlarge(self, tell: Tell) -> Image.Image:
        """The picture as large as the network makes it, each tile told."""
        import torch

        pixels = torch.from_numpy(np.asarray(self.picture).copy()).permute(2, 0, 1)[None]
        scale, (height, width) = self.upscaler.scale, pixels.shape[2:]
        large = torch.zeros((1, 3, height * scale, width * scale), dtype=torch.uint8)
        places = list(self._places(height, width))
        tell(Stage("enlarging", len(places)))
        with torch.inference_mode():
            for index, (top, left) in enumerate(places):
                self.check()
                self._fill(large, pixels, top, left)
                tell(Step("enlarging", index + 1, len(places)))
        return Image.fromarray(large[0].permute(1, 2, 0).contiguous().numpy())

    def _places(self, height: int, width: int) -> Iterator[tuple[int, int]]:
        """Top and left of each tile."""
        return product(range(0, height, self.tile), range(0, width, self.tile))

    def _fill(self, large: Tensor, pixels: Tensor, top: int, left: int) -> None:
        """Enlarge one tile with an edge around it, and put it in without."""
        scale, (height, width) = self.upscaler.scale, pixels.shape[2:]
        bottom, right = min(top + self.tile, height), min(left + self.tile, width)
        above, before = max(top - EDGE, 0), max(left - EDGE, 0)
        seen = pixels[..., above : bottom + EDGE, before : right + EDGE].to(self.device).float() / 255
        found = self.upscaler.enlarge(seen).float().nan_to_num().clamp(0, 1).mul(255).round().byte().cpu()
        y, x = (top - above) * scale, (left - before) * scale
        rows, columns = (bottom - top) * scale, (right - left) * scale
        large[..., top * scale : bottom * scale, left * scale : right * scale] = found[
            ..., y : y + rows, x : x + columns
        ]
