"""How well pictures show what their prompts say, by the judge's answers."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from tqdm import tqdm

from models.catalogue import find_card
from training.captions import plain
from training.data import HELD_OUT, Bytes, to_bytes
from training.description import MATERIALS, SIZES, STYLES, Description
from training.measure_figures import Figures, worst
from training.measure_starter import Ask
from training.palette import COLOURS
from training.questions import shares
from training.zoo import KINDS

BATCH = 8
FIRST_SEED = HELD_OUT + 20_000
FAST_STEPS = 4
Item = TypeVar("Item")
Tell = Callable[[str], None]


class Paint(Protocol):
    """Pictures [N, H, W, 3] of prompts, each from the seed after the one before."""

    def __call__(
        self,
        prompts: Sequence[str],
        seed: int,
        guidance: float | None = None,
        negatives: Sequence[str] | None = None,
    ) -> Bytes: ...


@dataclass(frozen=True)
class Brush:
    """Paints with a pipeline, with its usual guidance where no other is asked for."""

    pipeline: StableDiffusionPipeline
    steps: int
    guidance: float
    rescale: float = 0.0

    def __call__(
        self,
        prompts: Sequence[str],
        seed: int,
        guidance: float | None = None,
        negatives: Sequence[str] | None = None,
    ) -> Bytes:
        found = []
        for start in tqdm(range(0, len(prompts), BATCH), desc="pictures", unit="batch", mininterval=5):
            some = slice(start, start + BATCH)
            result = self.pipeline(
                list(prompts[some]),
                negative_prompt=list(negatives[some]) if negatives else None,
                num_inference_steps=self.steps,
                guidance_scale=self.guidance if guidance is None else guidance,
                guidance_rescale=self.rescale,
                generator=[torch.Generator().manual_seed(seed + n) for n in range(len(prompts))[some]],
                output_type="np",
            )
            found.append(to_bytes(result.images))
        return np.concatenate(found)


def usual_brush(pipeline: StableDiffusionPipeline) -> Brush:
    """With the steps and the guidance of the starter's card."""
    card = find_card("starter")
    return Brush(pipeline, card.default_steps, card.default_guidance, card.guidance_rescale)


def fast_brush(pipeline: StableDiffusionPipeline) -> Brush:
    """Four steps without guidance."""
    return Brush(pipeline, FAST_STEPS, guidance=1.0)


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """So many of the items, evenly taken."""
    return [items[n * len(items) // count] for n in range(count)]


def rounds(values: Sequence[str], count: int) -> list[tuple[str, str]]:
    """Kinds with values: each kind once before any comes again, then with another value."""
    kinds = spread(list(KINDS), min(count, len(KINDS)))
    turns = (divmod(n, len(kinds)) for n in range(count))
    return [(kinds[place], values[(place + 5 * turn) % len(values)]) for turn, place in turns]


def pairs(count: int) -> list[Description]:
    """Plain toys; all kinds in all colours where the count is that of both."""
    return [Description(kind, colour) for kind, colour in rounds(list(COLOURS), count)]


def with_second(count: int) -> list[Description]:
    """Toys whose second colour, never the main one, is said."""
    names = list(COLOURS)
    offsets = (1 + n % (len(names) - 1) for n in range(count))
    return [
        Description(toy.kind, toy.colour, names[(names.index(toy.colour) + offset) % len(names)])
        for toy, offset in zip(pairs(count), offsets, strict=True)
    ]


def naming(question: str, values: Sequence[str], count: int) -> list[Description]:
    """Toys in all colours of which nothing else is said than one of the values."""
    names = list(COLOURS)
    return [
        Description(kind, names[7 * n % len(names)], **{question: value})
        for n, (kind, value) in enumerate(rounds(values, count))
    ]


def picture_figures(
    paint: Paint,
    ask: Ask,
    plain_pairs: int = len(KINDS) * len(COLOURS),
    seconds: int = 2 * len(KINDS),
    materials: int = len(KINDS) * len(MATERIALS),
    sizes: int = len(KINDS) * len(SIZES),
    styles: int = len(KINDS),
    tell: Tell = print,
) -> Figures:
    """Shares of pictures by plain captions that show what these name; the numbers are those of pictures."""
    asked = {
        "second": with_second(seconds),
        "material": naming("material", MATERIALS, materials),
        "size": naming("size", SIZES, sizes),
        "style": naming("style", STYLES, styles),
    }
    found = plain_figures(paint, ask, pairs(plain_pairs), tell)
    for n, (name, toys) in enumerate(asked.items(), start=1):
        found[name] = drawn(paint, ask, toys, FIRST_SEED + 1000 * n)[name]
    return found


def plain_figures(paint: Paint, ask: Ask, toys: Sequence[Description], tell: Tell = print) -> Figures:
    """Shares of right kinds and colours; the kinds that are least often right are told."""
    found = ask(paint([plain(toy) for toy in toys], FIRST_SEED))
    right: dict[str, list[float]] = defaultdict(list)
    for answer, toy in zip(found, toys, strict=True):
        right[toy.kind].append(float(answer.kind == toy.kind))
    tell(f"kinds least often right: {worst(right)}")
    share = shares(found, toys)
    return {"kind": share["kind"], "colour": share["colour"]}


def drawn(paint: Paint, ask: Ask, toys: Sequence[Description], seed: int) -> Figures:
    """Shares of right answers for pictures of toys by plain captions."""
    return shares(ask(paint([plain(toy) for toy in toys], seed)), toys)


def fast_figures(paint: Paint, ask: Ask, count: int = 2 * len(KINDS)) -> Figures:
    """Shares of right kinds and colours in pictures of a fast brush."""
    found = drawn(paint, ask, pairs(count), FIRST_SEED + 5000)
    return {"fast_kind": found["kind"], "fast_colour": found["colour"]}
