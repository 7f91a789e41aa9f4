"""What is measured of prompts and their pictures."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.captions import plain
from training.data import Bytes, make_view
from training.description import MATERIALS, STYLES, Description
from training.measure_figures import FIGURES
from training.measure_guidance import (
    apart,
    diversity_figures,
    guidance_figures,
    negative_figures,
    saturation,
)
from training.measure_judge import judge_figures
from training.measure_pictures import (
    Brush,
    fast_figures,
    naming,
    pairs,
    picture_figures,
    plain_figures,
    rounds,
    spread,
    with_second,
)
from training.measure_starter import Starter
from training.measure_words import UNKNOWN, otherwise, with_unknown, word_figures
from training.palette import COLOURS
from training.questions import CHOICES, Answer
from training.wordings import known_words
from training.zoo import KINDS

WRONG = Answer("", "", "", "", "", "")


class Easel:
    """Paints numbers of prompts, and answers what was read in the prompt of each number."""

    def __init__(self, colour: str = "red") -> None:
        self.prompts: list[str] = []
        self.guidance: list[float | None] = []
        self.negatives: list[str] = []
        self.colour = colour  # of prompts that name none

    def paint(
        self,
        prompts: Sequence[str],
        seed: int,
        guidance: float | None = None,
        negatives: Sequence[str] | None = None,
    ) -> Bytes:
        numbers = range(len(self.prompts), len(self.prompts) + len(prompts))
        self.prompts += prompts
        self.guidance.append(guidance)
        self.negatives += negatives or [""] * len(prompts)
        return np.array([[[[n // 256, n % 256, 0]]] for n in numbers], np.uint8)

    def ask(self, pictures: Bytes) -> list[Answer]:
        return [self.read(256 * int(picture[0, 0, 0]) + int(picture[0, 0, 1])) for picture in pictures]

    def read(self, number: int) -> Answer:
        words = self.prompts[number].replace(",", "").split()
        colours = [word for word in words if word in COLOURS] or [self.colour]
        named = {"wooden": "wood", "metallic": "metal"}
        said = [named.get(word, word) for word in words]
        found = {name: next((w for w in said if w in CHOICES[name]), "none") for name in CHOICES}
        kinds = [kind for kind in KINDS if kind in self.prompts[number]]
        return Answer(
            **found | {"kind": max(kinds, key=len, default=""), "colour": colours[0], "second": colours[-1]}
        )


class Disagreeing(Easel):
    """Answers as an easel does, but wrongly for every other picture."""

    def ask(self, pictures: Bytes) -> list[Answer]:
        return [WRONG if n % 2 else answer for n, answer in enumerate(super().ask(pictures))]


def disc(side: int = 64, radius: float = 20, colour: tuple[int, int, int] = (200, 40, 40)) -> Bytes:
    y, x = np.mgrid[:side, :side] - side / 2
    return np.where((np.hypot(x, y) < radius)[..., None], colour, 255).astype(np.uint8)


def test_all_kinds_in_all_colours_are_asked_for_once() -> None:
    toys = pairs(len(KINDS) * len(COLOURS))
    assert len(set(toys)) == len(toys) == len(KINDS) * len(COLOURS)


def test_few_prompts_are_spread_over_kinds_and_values() -> None:
    assert spread("abcdef", 3) == ["a", "c", "e"]
    assert len({kind for kind, _ in rounds(STYLES, 20)}) == 20
    assert {value for _, value in rounds(STYLES, 20)} == set(STYLES)


def test_prompts_that_name_a_material_cover_every_kind_with_each() -> None:
    toys = naming("material", MATERIALS, len(KINDS) * len(MATERIALS))
    assert len({(toy.kind, toy.material) for toy in toys}) == len(toys)
    assert {toy.colour for toy in toys} == set(COLOURS)
    assert all(toy.second is toy.size is toy.style is None for toy in toys)


def test_a_second_colour_is_never_the_first() -> None:
    assert all(toy.second and toy.second != toy.colour for toy in with_second(150))


def test_pictures_that_show_what_is_asked_have_full_shares() -> None:
    easel, told = Easel(), list[str]()
    found = picture_figures(easel.paint, easel.ask, 14, 6, 6, 3, 3, told.append)
    assert found == {name: 1.0 for name in ("kind", "colour", "second", "material", "size", "style")}
    assert len(easel.prompts) == 32
    assert told[0].startswith("kinds least often right: ")


def test_half_of_the_pictures_right_is_half() -> None:
    easel = Disagreeing()
    found = plain_figures(easel.paint, easel.ask, pairs(8), lambda text: None)
    assert found == {"kind": 0.5, "colour": 0.5}
    assert fast_figures(easel.paint, easel.ask, 8) == {"fast_kind": 0.5, "fast_colour": 0.5}


def test_a_brush_paints_in_batches_one_seed_a_picture(starter_dir: Path) -> None:
    brush = Brush(Starter(starter_dir).pipeline, steps=1, guidance=3.0)
    prompts = ["a red car"] * 9
    found = brush(prompts, seed=5)
    assert found.shape == (9, 64, 64, 3)
    assert found.dtype == np.uint8
    assert len({picture.tobytes() for picture in found}) == 9
    alone = brush(prompts[:1], seed=13).astype(int)
    assert np.abs(found[8] - alone[0]).max() <= 2
    other = brush(prompts[:1], seed=13, guidance=7.0, negatives=["blue car"])
    assert (other != alone).any()


def test_the_fast_edition_has_its_own_unet_and_scheduler(starter_dir: Path) -> None:
    starter = Starter(starter_dir)
    assert type(starter.fast.scheduler).__name__ == "LCMScheduler"
    assert type(starter.pipeline.scheduler).__name__ == "DDIMScheduler"
    brush = Brush(starter.fast, steps=2, guidance=1.0)
    assert brush(["a red car"], seed=1).shape == (1, 64, 64, 3)


def test_unknown_words_are_in_no_caption() -> None:
    assert not set(UNKNOWN) & known_words()
    rng = random.Random(0)
    text = with_unknown(rng, Description("ice cream", "red"))
    assert "ice cream" in text
    assert len(text.split()) == len(plain(Description("ice cream", "red")).split()) + 2


def test_typed_captions_use_other_names() -> None:
    rng = random.Random(0)
    texts = [otherwise(rng, Description("car", "red")).lower() for _ in range(20)]
    assert not any("car" in text.replace(",", "").replace(".", "").split() for text in texts)
    assert otherwise(rng, Description("fish", "red"))  # whose plural is no other word


def test_words_are_measured_by_the_kind() -> None:
    easel = Easel()
    assert word_figures(easel.paint, easel.ask, 6)["unknown_word"] == 1
    none = word_figures(easel.paint, lambda pictures: [WRONG] * len(pictures), 6)
    assert none == {"kind_as_typed": 0, "unknown_word": 0}


def test_pictures_lie_apart_by_their_mean_difference_over_both_objects() -> None:
    red, dark = disc(), disc(colour=(100, 40, 40))
    assert apart(red, red) == 0
    assert apart(red, dark) == pytest.approx(100 / 3)
    assert apart(np.full_like(red, 255), np.full_like(red, 255)) == 0


def test_renders_as_pictures_are_as_diverse_as_renders() -> None:
    toys = [Description("donut", "red")]

    def renders(prompts: Sequence[str], seed: int, *_: Any, **__: Any) -> Bytes:
        return np.stack([make_view(seed + n, toy).picture for n, toy in enumerate(toys)])

    def always(prompts: Sequence[str], seed: int, *_: Any, **__: Any) -> Bytes:
        return renders(prompts, 0)

    assert diversity_figures(renders, toys) == {"diversity": 1.0}
    assert diversity_figures(always, toys) == {"diversity": 0.0}


def test_saturation_is_that_of_the_object_alone() -> None:
    assert saturation(disc(colour=(200, 100, 100))) == pytest.approx(0.5)
    assert saturation(np.full((64, 64, 3), 255, np.uint8)) == 0


def test_guidance_is_told_at_three_strengths() -> None:
    easel = Easel()

    def stronger(
        prompts: Sequence[str],
        seed: int,
        guidance: float | None = None,
        negatives: Sequence[str] | None = None,
    ) -> Bytes:
        easel.paint(prompts, seed, guidance)
        weak = 100 if guidance == 7 else 150
        return np.stack([disc(colour=(200, weak, weak))] * len(prompts))

    found = guidance_figures(stronger, lambda pictures: [WRONG] * len(pictures), 2)
    assert found.pop("saturation_gained") == pytest.approx(2.0)
    assert found == {f"kind_at_guidance_{value}": 0 for value in (1, 3, 7)}
    assert easel.guidance == [1, 3, 7]


class Obedient(Easel):
    """Paints red unless that is to be avoided, or unless it is stubborn."""

    def __init__(self, stubborn: bool) -> None:
        super().__init__()
        self.stubborn = stubborn

    def read(self, number: int) -> Answer:
        avoided = self.negatives[number] == "red" and not self.stubborn
        return replace(super().read(number), colour="blue" if avoided else "red")


@pytest.mark.parametrize(("stubborn", "left"), [(False, 0.0), (True, 1.0)])
def test_a_negative_prompt_leaves_what_it_does_not_avoid(stubborn: bool, left: float) -> None:
    easel = Obedient(stubborn)
    found = negative_figures(easel.paint, easel.ask, kinds=2, seeds=4)
    assert found == {"avoided_colours_before": 1.0, "avoided_colours_left": left}
    assert len(easel.prompts) == 16
    assert not any(name in prompt.split() for prompt in easel.prompts for name in COLOURS)


def test_without_a_colour_to_avoid_all_is_left() -> None:
    easel = Easel()
    numbers = iter(range(10**6))

    def ever_other(pictures: Bytes) -> list[Answer]:
        return [replace(WRONG, colour=str(next(numbers))) for _ in pictures]

    found = negative_figures(easel.paint, ever_other, kinds=2, seeds=4)
    assert found == {"avoided_colours_before": 0.0, "avoided_colours_left": 1.0}


def test_the_judge_is_asked_about_renders_of_many_looks() -> None:
    found = judge_figures(lambda pictures: [WRONG] * len(pictures), 8)
    assert found["judge_kind"] == found["judge_colour"] == 0
    assert set(found) <= set(FIGURES)
