"""The toys' pictures and points, drawn once and kept in shards under the training folder.

Seeds of the training set count from 0; those of the evaluation, never trained on, from `HELD_OUT`.
"""

import contextlib
import hashlib
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from models.errors import MaquetteError
from pipelines.foreground import cut_out, frame
from training.description import Description
from training.field import Field, Floats
from training.framing import FARTHEST, RATIO, Framing, framing_of
from training.render import draw
from training.states import UNREADABLE, DamagedState
from training.surfaces import Look, tints
from training.toys import Toy, make_toy

SHARD = 250  # toys
HELD_OUT = 10_000_000
POINTS = 6144
NETWORK_SIZE = 128  # side of the mesh network's picture
AZIMUTH, ELEVATION = (-60.0, 60.0), (0.0, 40.0)
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """A toy as a camera saw it: picture [S, S, 3], framed cut-out [128, 128, 3], points in its frame."""

    toy: Toy
    framing: Framing
    picture: Bytes
    cover: Bytes  # [S, S]
    framed: Bytes
    points: NDArray[np.float16]  # [POINTS, 3]
    distance: NDArray[np.float16]  # [POINTS]
    colour: Bytes  # [POINTS, 3]

    @property
    def angles(self) -> Floats:
        """The camera's azimuth and elevation [2], in degrees."""
        return np.array([self.framing.azimuth, self.framing.elevation], np.float32)

    def distance_at(self, points: Floats) -> Floats:
        """Distances [N] from the toy's surface to points [N, 3] in its frame."""
        return self.framing.distance(self.toy.shown, points)


def make_view(
    seed: int,
    asked: Description | None = None,
    azimuth: float | None = None,
    elevation: float | None = None,
    size: int = 256,
) -> View:
    """The toy of a seed from a camera of the same seed, or from the angles given, in degrees."""
    rng = random.Random(seed ^ 0x5EED)
    toy = make_toy(seed, asked)
    azimuth = rng.uniform(*AZIMUTH) if azimuth is None else azimuth
    elevation = rng.uniform(*ELEVATION) if elevation is None else elevation
    picture, cover = draw(toy.shown, azimuth, elevation, size, toy.look)
    pixels = to_bytes(picture)
    cut = cut_by_cover(pixels, cover)
    framing = framing_of(toy.shown, cut, azimuth, elevation)
    points, distance, colours = sample_points(toy.shown, toy.look, framing, np.random.default_rng(seed))
    return View(
        toy,
        framing,
        pixels,
        to_bytes(cover),
        framed(cut, pixels if rng.random() < 0.5 else None),
        points.astype(np.float16),
        distance,
        colours,
    )


def cut_by_cover(pixels: Bytes, cover: Floats) -> Image.Image:
    """A picture [S, S, 3] whose alpha is the toy's coverage [S, S]."""
    return Image.fromarray(np.dstack([pixels, to_bytes(cover)]))


def framed(cut: Image.Image, pixels: Bytes | None = None) -> Bytes:
    """What the application makes of a cut-out, or of opaque pixels [S, S, 3], which it cuts out by itself."""
    if pixels is not None:
        with contextlib.suppress(MaquetteError):  # glass so pale that it cannot be told from the paper
            cut = cut_out(Image.fromarray(pixels), "fill")
    return np.asarray(frame(cut, RATIO, NETWORK_SIZE))


def to_bytes(values: Floats) -> Bytes:
    """[0, 1] to 0..255."""
    result: Bytes = (values * 255 + 0.5).astype(np.uint8)
    return result


def sample_points(
    field: Field, look: Look, framing: Framing, rng: np.random.Generator, count: int = POINTS
) -> tuple[Floats, NDArray[np.float16], Bytes]:
    """Points, distances and colours: a third anywhere around the toy, the rest within 0.06 of its surface."""
    close = np.empty((0, 3), np.float32)
    while len(close) < count - count // 3:
        tried = rng.uniform(-FARTHEST, FARTHEST, (6 * count, 3)).astype(np.float32)
        close = np.concatenate([close, tried[np.abs(framing.distance(field, tried)) < 0.06]])
    anywhere = rng.uniform(-FARTHEST, FARTHEST, (count // 3, 3)).astype(np.float32)
    points = np.concatenate([anywhere, close[: count - count // 3]])
    distance = framing.distance(field, points).astype(np.float16)
    return points, distance, to_bytes(tints(field.colour(framing.own(points)), look))


def write_shard(folder: Path, index: int) -> None:
    """Draw the toys of one shard."""
    keep_views(folder, index, [make_view(seed) for seed in range(index * SHARD, (index + 1) * SHARD)])


def keep_views(folder: Path, index: int, views: Sequence[View]) -> None:
    """Write a shard of all that views hold."""
    names = ("picture", "cover", "framed", "angles", "points", "distance", "colour")
    arrays = {name: np.stack([getattr(view, name) for view in views]) for name in names}
    keep_shard(folder, index, arrays, [view.toy.description for view in views])


def keep_shard(
    folder: Path, index: int, arrays: Mapping[str, NDArray[np.generic]], toys: Sequence[Description]
) -> None:
    """Write a shard; its folder appears only when it is whole."""
    partial = folder / f"partial-{index:04d}"
    partial.mkdir(parents=True, exist_ok=True)
    for name, rows in arrays.items():
        np.save(partial / f"{name}.npy", rows)
    (partial / "toys.json").write_text(json.dumps([asdict(toy) for toy in toys]))
    os.replace(partial, folder / f"shard-{index:04d}")


def make_shards(
    folder: Path, toys: int, workers: int, write: Callable[[Path, int], None] = write_shard
) -> None:
    """Draw every missing shard of a set of this many toys."""
    missing = [i for i in range(-(-toys // SHARD)) if not (folder / f"shard-{i:04d}").is_dir()]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(write, folder, index) for index in missing]
        for job in tqdm(jobs, desc=folder.name, unit="shard"):
            job.result()


@dataclass(frozen=True)
class ToySet:
    """All toys of some shards: arrays along the toys, a part per shard, and what is said of each."""

    arrays: dict[str, list[NDArray[np.generic]]]
    toys: list[Description]

    def __len__(self) -> int:
        return len(self.toys)

    @property
    def digest(self) -> str:
        """Tells these toys from others, by what is said of them."""
        return hashlib.sha256(repr(self.toys).encode()).hexdigest()[:16]

    def __add__(self, other: "ToySet") -> "ToySet":
        """These toys, then the others; both sets have the same arrays."""
        arrays = {name: parts + other.arrays[name] for name, parts in self.arrays.items()}
        return ToySet(arrays, self.toys + other.toys)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Index of the first toy of each shard."""
        sizes = [len(part) for part in next(iter(self.arrays.values()))]
        return np.cumsum([0, *sizes[:-1]])

    def take(self, name: str, indices: NDArray[np.int64]) -> NDArray[np.generic]:
        """Rows of one array, stacked in the order asked for."""
        parts = np.searchsorted(self.starts, indices, side="right") - 1
        rows = indices - self.starts[parts]
        return np.stack([self.arrays[name][part][row] for part, row in zip(parts, rows, strict=True)])


def load_shards(folder: Path, *names: str) -> ToySet:
    """The named arrays, mapped from disk."""
    shards = sorted(folder.glob("shard-*"))
    if not shards:
        raise FileNotFoundError(
            f"no toys under {folder}: run `python -m training.make_starter --only toys` first"
        )
    found = ToySet({name: [] for name in names}, [])
    for shard in shards:
        try:
            for name in names:
                found.arrays[name].append(np.load(shard / f"{name}.npy", mmap_mode="r"))
            found.toys.extend(Description(**toy) for toy in json.loads((shard / "toys.json").read_text()))
        except UNREADABLE as error:
            raise DamagedState(shard, error) from error
    return found


def batches(count: int, size: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Endless batches of indices, each toy once before any comes again."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]
