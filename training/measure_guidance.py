"""What seeds, guidance and negative prompts change in pictures."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from training.captions import joined, plain
from training.data import HELD_OUT, Bytes, make_view
from training.description import Description
from training.measure_figures import Figures
from training.measure_pictures import Paint, pairs, rounds, spread
from training.measure_starter import Ask
from training.outlines import silhouette
from training.palette import COLOURS
from training.questions import shares
from training.zoo import KINDS

FIRST_SEED = HELD_OUT + 40_000
GUIDANCES = (1.0, 3.0, 7.0)
BRIGHT = [name for name, rgb in COLOURS.items() if max(rgb) - min(rgb) > 0.2]  # those that can be saturated


def diversity_figures(paint: Paint, toys: Sequence[Description] | None = None) -> Figures:
    """How far pictures of two seeds lie apart, of what renders of two toys do; one prompt a kind."""
    toys = pairs(len(KINDS)) if toys is None else toys
    prompts = [plain(toy) for toy in toys]
    pictures = [paint(prompts, FIRST_SEED + 1000 * n) for n in (0, 1)]
    renders = [
        np.stack([make_view(FIRST_SEED + 1000 * n + at, toy).picture for at, toy in enumerate(toys)])
        for n in (0, 1)
    ]
    return {"diversity": mean_apart(*pictures) / mean_apart(*renders)}


def mean_apart(first: Bytes, second: Bytes) -> float:
    """Mean distance of pictures [N, H, W, 3] in two sets, one by one."""
    return float(np.mean([apart(one, other) for one, other in zip(first, second, strict=True)]))


def apart(one: Bytes, other: Bytes) -> float:
    """Mean absolute difference 0..255 of two pictures on white, wherever either shows its object."""
    inked = silhouette(one) | silhouette(other)
    difference = np.abs(one.astype(np.float64) - other).mean(-1)
    return float(difference[inked].mean()) if inked.any() else 0.0


def guidance_figures(paint: Paint, ask: Ask, count: int = len(KINDS)) -> Figures:
    """Shares of right kinds at three strengths of guidance, and what saturation gains from first to last."""
    toys = [Description(kind, colour) for kind, colour in rounds(BRIGHT, count)]
    found: Figures = {}
    saturations = []
    for guidance in GUIDANCES:
        pictures = paint([plain(toy) for toy in toys], FIRST_SEED + 2000, guidance=guidance)
        found[f"kind_at_guidance_{guidance:g}"] = shares(ask(pictures), toys)["kind"]
        saturations.append(np.mean([saturation(picture) for picture in pictures]))
    return found | {"saturation_gained": float(saturations[-1] / saturations[0])}


def saturation(picture: Bytes) -> float:
    """Mean saturation, as of HSV, of the object of a picture [H, W, 3] on white; 0 where there is none."""
    inked = picture[silhouette(picture)].astype(np.float64)
    if not inked.size:
        return 0.0
    return float((np.ptp(inked, axis=-1) / inked.max(-1).clip(1)).mean())


def negative_figures(paint: Paint, ask: Ask, kinds: int = 10, seeds: int = 16) -> Figures:
    """What a negative prompt leaves of the colour that a kind tends to when no colour is named.

    Each half of the seeds names, for each kind, the colour that pictures of the other half must avoid, so
    that no picture is counted by which its colour was chosen. 1 is left where no kind keeps to a colour.
    """
    names, half = spread(list(KINDS), kinds), seeds // 2
    starts = (FIRST_SEED + 3000, FIRST_SEED + 4000)
    before = [colours(paint, ask, names, half, start) for start in starts]
    without = left = 0
    for n, start in enumerate(starts):
        avoided = [commonest(found) for found in before[1 - n]]
        after = colours(paint, ask, names, half, start, avoided)
        without += sum(found.count(name) for found, name in zip(before[n], avoided, strict=True))
        left += sum(found.count(name) for found, name in zip(after, avoided, strict=True))
    share = without / (2 * half * len(names))
    return {
        "avoided_colours_before": share,
        "avoided_colours_left": left / without if without else 1.0,
    }


def colours(
    paint: Paint, ask: Ask, kinds: Sequence[str], each: int, seed: int, avoided: Sequence[str] | None = None
) -> list[list[str]]:
    """The colours of so many pictures of each kind, whose prompts name none."""
    prompts = [joined(["a", kind]) for kind in kinds for _ in range(each)]
    negatives = [name for name in avoided for _ in range(each)] if avoided else None
    found = [answer.colour for answer in ask(paint(prompts, seed, negatives=negatives))]
    return [found[n : n + each] for n in range(0, len(found), each)]


def commonest(names: Sequence[str]) -> str:
    """The name that comes most often, of equal ones the first."""
    return Counter(names).most_common(1)[0][0]
