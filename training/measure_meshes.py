"""How well meshes fill the toys that the mesh network saw in pictures."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image
from tqdm import tqdm

from models.errors import MaquetteError
from pipelines.foreground import cut_out, frame
from training.data import HELD_OUT, NETWORK_SIZE, Bytes, View, make_view, to_bytes
from training.field import Floats
from training.framing import RATIO
from training.measure_figures import Figures, worst
from training.measure_pictures import Tell, pairs, spread
from training.meshes import surface_colour_error, volume_iou
from training.toys import describe
from training.zoo import KINDS
from tsr import TSR

FIRST_SEED = HELD_OUT + 50_000
VIEWS = {"front": (0.0, 0.0), "three_quarter": (45.0, 20.0), "high": (20.0, 40.0)}  # azimuth, elevation
UNLIKE = 0.35  # least difference of a flat background from every colour of the toy, of 1
Code = Callable[[Bytes], Bytes]  # pictures [N, H, W, 3] -> as the autoencoder leaves them


def mesh_figures(
    network: TSR,
    code: Code,
    count: int = 2 * len(KINDS),
    views: int = len(KINDS),
    flat: int = len(KINDS),
    tell: Tell = print,
) -> Figures:
    """All figures of meshes but their thin parts; the numbers are those of toys."""
    toys = any_views(count)
    return (
        render_figures(network, toys, tell)
        | {"iou_pictures": coded_iou(network, code, toys)}
        | {f"iou_{name}": view_iou(network, views, *angles) for name, angles in VIEWS.items()}
        | {"iou_flat": flat_iou(network, flat)}
    )


def any_views(count: int, first_seed: int = FIRST_SEED) -> list[View]:
    """Unseen toys of all kinds, of which anything may be said."""
    kinds = spread(list(KINDS), min(count, len(KINDS)))
    seeds = range(first_seed, first_seed + count)
    return [
        make_view(seed, describe(random.Random(seed), kinds[n % len(kinds)])) for n, seed in enumerate(seeds)
    ]


def render_figures(network: TSR, views: Sequence[View], tell: Tell = print) -> Figures:
    """Volume IoU and surface colour error of renders; the kinds with the least IoU are told."""
    found: dict[str, list[float]] = defaultdict(list)
    colours = []
    for view in tqdm(views, desc="meshes", unit="toy", mininterval=5):
        found[view.toy.description.kind].append(iou(network, view.framed, view))
        colours.append(surface_colour_error(network, view))
    tell(f"kinds of the least IoU: {worst(found)}")
    every = [value for values in found.values() for value in values]
    return {
        "iou": float(np.mean(every)),
        "iou_least": min(every),
        "surface_colour": float(np.mean(colours)),
    }


def iou(network: TSR, framed: Bytes | None, view: View) -> float:
    """Volume IoU of a toy and the mesh of its framed picture, 0 where no object was found in that."""
    if framed is None:
        return 0.0
    return volume_iou(network, framed.copy(), view.distance_at)


def coded_iou(network: TSR, code: Code, views: Sequence[View]) -> float:
    """Mean volume IoU from renders re-encoded through the autoencoder, and cut out as pictures are."""
    pictures = code(np.stack([view.picture for view in views]))
    seen = zip(pictures, views, strict=True)
    return float(np.mean([iou(network, framed_as_used(picture), view) for picture, view in seen]))


def view_iou(network: TSR, count: int, azimuth: float, elevation: float) -> float:
    """Mean volume IoU of so many plain toys from one side, in degrees."""
    found = []
    for n, toy in enumerate(pairs(count)):
        view = make_view(FIRST_SEED + 1000 + n, toy, azimuth, elevation)
        found.append(iou(network, view.framed, view))
    return float(np.mean(found))


def flat_iou(network: TSR, count: int) -> float:
    """Mean volume IoU of so many plain toys that were cut out of flat backgrounds of any colour."""
    found = []
    for n, toy in enumerate(pairs(count)):
        view = make_view(FIRST_SEED + 2000 + n, toy)
        found.append(iou(network, framed_as_used(before_flat(view, random.Random(n))), view))
    return float(np.mean(found))


def before_flat(view: View, rng: random.Random) -> Bytes:
    """A view's picture before one colour that its toy has nothing of."""
    cover = view.cover[..., None].astype(np.float32) / 255
    colour = unlike(view.toy.field.colours, rng)
    return to_bytes((view.picture.astype(np.float32) / 255 + (1 - cover) * (colour - 1)).clip(0, 1))


def unlike(colours: Floats, rng: random.Random) -> Floats:
    """A random colour [3] that differs from each of the colours [P, 3]."""
    while True:
        found = np.array([rng.random() for _ in range(3)], np.float32)
        if np.abs(colours - found).max(-1).min() >= UNLIKE:
            return found


def framed_as_used(picture: Bytes) -> Bytes | None:
    """A picture as the application hands it to the mesh network; None where it finds no object."""
    try:
        return np.asarray(frame(cut_out(Image.fromarray(picture), "auto"), RATIO, NETWORK_SIZE))
    except MaquetteError:
        return None
