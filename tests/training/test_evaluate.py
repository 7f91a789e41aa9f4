"""The measures of a starter set, each against inputs whose figure is known."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from tests.miniature import make_background
from training.captions import plain
from training.data import Bytes, View, make_view, turned
from training.description import MATERIALS, STYLES, Description
from training.evaluate import PARTS, main
from training.export import JUDGE_FILE, OtherJudge, judge_beside, load_judge, save_judge
from training.field import Field
from training.judge import Judge
from training.matting import SIDE
from training.measure_autoencoder import (
    autoencoder_figures,
    coded,
    cropped,
    decibels,
    object_psnr,
    preview_figures,
)
from training.measure_background import background_figures
from training.measure_figures import FIGURES, Figure, Figures, missed, row, worst
from training.measure_guidance import (
    apart,
    diversity_figures,
    guidance_figures,
    negative_figures,
    saturation,
)
from training.measure_judge import judge_figures
from training.measure_meshes import (
    before_flat,
    coded_iou,
    framed_as_used,
    iou,
    mesh_figures,
    render_figures,
    unlike,
)
from training.measure_page import page
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
from training.measure_sketches import overlap, sketch, sketch_figures
from training.measure_starter import FILES, MissingWeights, Starter
from training.measure_thin import FIRST_SEED, THIN_KINDS, own_points, spindly, thin_figures
from training.measure_words import UNKNOWN, otherwise, with_unknown, word_figures
from training.meshes import LEVEL
from training.palette import COLOURS
from training.questions import CHOICES, Answer
from training.sheets import COLUMNS, kind_rows, picture_sheet, stacked, value_rows
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


class Sculptor:
    """A mesh network that knows one solid, in its own frame turned by an azimuth."""

    def __init__(self, field: Field, azimuth: float, shrunk: float = 1.0) -> None:
        self.field, self.azimuth, self.shrunk = field, azimuth, shrunk

    def encode_tensor(self, pictures: Tensor) -> Tensor:
        return torch.zeros(len(pictures), 3, 1, 1, 1)

    def query(self, scene_code: Tensor, points: Tensor) -> SimpleNamespace:
        own = turned((points / self.shrunk).numpy(), -self.azimuth)
        inside = torch.from_numpy(self.field.distance(own) < 0)
        density = torch.where(inside, LEVEL + 1.0, LEVEL - 1.0)[:, None]
        return SimpleNamespace(raw_density=density, color=torch.from_numpy(self.field.colour(own)))


class Coder:
    """An autoencoder that makes every value of [-1, 1] brighter by a fixed amount."""

    device, dtype, config = torch.device("cpu"), torch.float32, SimpleNamespace(scaling_factor=2.0)

    def __init__(self, error: float) -> None:
        self.error = error

    def encode(self, pictures: Tensor) -> SimpleNamespace:
        return SimpleNamespace(latent_dist=SimpleNamespace(mean=pictures))

    def decode(self, latents: Tensor) -> SimpleNamespace:
        return SimpleNamespace(sample=latents + self.error)


def any_network(sculptor: Sculptor) -> Any:
    return sculptor


def any_vae(error: float) -> Any:
    return Coder(error)


def view_of(kind: str = "chair", colour: str = "red") -> View:
    return make_view(11, Description(kind, colour), azimuth=25, elevation=15)


def disc(side: int = 64, radius: float = 20, colour: tuple[int, int, int] = (200, 40, 40)) -> Bytes:
    y, x = np.mgrid[:side, :side] - side / 2
    return np.where((np.hypot(x, y) < radius)[..., None], colour, 255).astype(np.uint8)


# Figures and bars


def test_a_figure_below_its_bar_is_missed_and_one_at_it_reached() -> None:
    assert row("kind", 0.95).split() == ["kind", "0.950", ">=", "0.95", "reached"]
    assert row("kind", 0.9499).split()[-1] == "MISSED"


def test_a_bar_from_above_is_missed_by_more() -> None:
    assert row("tiny_error", 0.5).split() == ["tiny_error", "0.500", "<=", "0.50", "reached"]
    assert row("tiny_error", 0.51).split()[-1] == "MISSED"
    assert Figure("", most=0.0).verdict(0.1) == "MISSED"


def test_a_figure_without_a_bar_is_only_told() -> None:
    assert row("iou_least", 0.1).split() == ["iou_least", "0.100"]


def test_what_is_no_number_is_missed() -> None:
    assert missed({"kind": float("nan"), "tiny_error": float("nan"), "iou_least": float("nan")}) == [
        "kind",
        "tiny_error",
    ]


def test_the_worst_kinds_come_first() -> None:
    assert worst({"cat": [1, 0], "mug": [0, 0], "car": [1, 1]}) == "mug 0.00, cat 0.50, car 1.00"


# The command line


def run(figures: Figures, tmp_path: Path, *arguments: str) -> int:
    return main(
        ["--starter", str(tmp_path), *arguments], {"some": lambda starter: figures}, tmp_path / "docs"
    )


def test_all_bars_reached_exit_with_nought(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"kind": 1.0, "iou_least": 0.0}, tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["kind", "1.000", ">=", "0.95", "reached"]
    assert json.loads(lines[-1]) == {"kind": 1.0, "iou_least": 0.0}


def test_a_missed_bar_exits_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"kind": 1.0, "surface_colour": 0.09}, tmp_path) == 1
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize("part", [name for name in PARTS if name != "judge"])
def test_a_part_that_is_not_there_is_named_without_a_traceback(
    part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--starter", str(tmp_path), "--only", part]) == 1
    said = capsys.readouterr()
    assert str(tmp_path) in said.err
    assert "python -m training.make_starter --only" in said.err
    assert json.loads(said.out) == {}


def test_other_parts_are_measured_beside_a_missing_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking(starter: Starter) -> Figures:
        raise MissingWeights("nothing here")

    parts = {"first": lacking, "second": lambda starter: {"kind": 1.0}}
    assert main(["--starter", str(tmp_path), "--sheets"], parts, tmp_path / "docs") == 1
    said = capsys.readouterr()
    assert "first: nothing here" in said.err
    assert json.loads(said.out.splitlines()[-1]) == {"kind": 1.0}
    assert not (tmp_path / "docs").exists()


def test_sheets_want_the_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run({}, tmp_path, "--sheets", "--only", "some")
    assert stopped.value.code == 2
    assert "--sheets" in capsys.readouterr().err


def test_an_unknown_part_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run({}, tmp_path, "--only", "moon")
    assert "some" in capsys.readouterr().err


def test_the_page_is_written_with_the_sheets(tmp_path: Path) -> None:
    drawn: list[Path] = []
    figures: Figures = {"kind": 0.5, "iou_pictures": 0.8}
    parts = {"some": lambda starter: figures}
    code = main(
        ["--sheets", "--starter", str(tmp_path)], parts, tmp_path, lambda docs, starter: drawn.append(docs)
    )
    assert code == 1
    assert drawn == [tmp_path]
    assert (tmp_path / "starter.md").read_text() == page(figures)


def test_the_page_has_every_figure_and_both_sheets() -> None:
    text = page({name: 0.5 for name in FIGURES})
    assert all(f"| `{name}` | {figure.meaning} | 0.500 |" in text for name, figure in FIGURES.items())
    assert "](pictures.png)" in text
    assert "](meshes.png)" in text
    assert "re-encodes renders" in text


# What is there


@pytest.mark.parametrize(
    ("part", "file"), [(part, file) for part, (_, files) in FILES.items() for file in files]
)
def test_a_missing_file_is_named_with_the_stage_that_makes_it(part: str, file: str, tmp_path: Path) -> None:
    stage, files = FILES[part]
    for name in files:
        (tmp_path / part / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / part / name).touch()
    assert Starter(tmp_path).part(part) == tmp_path / part
    (tmp_path / part / file).unlink()
    with pytest.raises(MissingWeights) as error:
        Starter(tmp_path).part(part)
    assert f"{part}/{file} is not there" in str(error.value)
    assert str(error.value).endswith(f"--only {stage}`")


def test_a_missing_judge_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="judge.safetensors is not there.*--only judge"):
        _ = Starter(tmp_path, tmp_path / "judge.safetensors").judge


def test_a_set_made_elsewhere_is_judged_by_its_own_judge(tmp_path: Path) -> None:
    assert judge_beside(tmp_path) == JUDGE_FILE
    own = tmp_path / "judge.safetensors"
    save_judge(Judge(), own)
    assert judge_beside(tmp_path) == own
    asked: list[Path] = []

    def part(starter: Starter) -> dict[str, float]:
        asked.append(starter.judge_file)
        return {}

    main(["--starter", str(tmp_path), "--only", "judge"], {"judge": part}, tmp_path)
    assert asked == [own]


def test_a_judge_of_other_shapes_is_refused(tmp_path: Path) -> None:
    save_file({"heads.kind.weight": torch.zeros(2, 2)}, tmp_path / "judge.safetensors")
    with pytest.raises(OtherJudge, match="judge.safetensors"):
        load_judge(tmp_path / "judge.safetensors")


# Pictures


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


# Words


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


# Seeds, guidance and negative prompts


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


# The judge


def test_the_judge_is_asked_about_renders_of_many_looks() -> None:
    found = judge_figures(lambda pictures: [WRONG] * len(pictures), 8)
    assert found["judge_kind"] == found["judge_colour"] == 0
    assert set(found) <= set(FIGURES)


# Autoencoders


def test_psnr_is_that_of_a_known_error() -> None:
    assert decibels(255**2 / 1000) == pytest.approx(30)
    grey = np.full((1, 256, 256, 3), 100, np.uint8)
    assert object_psnr(any_vae(0.0), grey) > 100
    assert object_psnr(any_vae(5 / 127.5), grey) == pytest.approx(decibels(5**2))


def test_both_pictures_are_cropped_to_the_same_square() -> None:
    picture = np.full((256, 256, 3), 255, np.uint8)
    picture[20:60, 180:220] = 0
    one, other = cropped(picture, 255 - picture, np.random.default_rng(0))
    assert one.shape == (128, 128, 3)
    assert np.array_equal(other, 255 - one)
    assert (one == 0).all(-1).sum() == 40 * 40


def test_a_worse_autoencoder_has_a_worse_figure() -> None:
    good, bad = (autoencoder_figures(any_vae(error), 1) for error in (0.01, 0.05))
    assert set(good) == {"autoencoder_psnr", "autoencoder_psnr_any"}
    assert all(good[name] > bad[name] + 10 for name in good)


def test_previews_are_compared_by_their_squared_errors() -> None:
    def off(by: int) -> Any:
        def draw(latents: Tensor) -> Image.Image:
            finished = ((latents[0] / 2).permute(1, 2, 0) + 1) * 127.5
            return Image.fromarray((finished.numpy().round() * 0.9 + by).clip(0, 255).astype(np.uint8))

        return draw

    found = preview_figures(any_vae(0.0), off(24), off(20), 2)
    assert found["tiny_error"] < 1
    assert found["tiny_psnr"] > found["linear_psnr"]
    assert preview_figures(any_vae(0.0), off(20), off(24), 2)["tiny_error"] == pytest.approx(
        1 / found["tiny_error"]
    )


# Meshes


def test_a_perfect_mesh_fills_its_toy_and_a_smaller_one_does_not() -> None:
    view = view_of()
    perfect = any_network(Sculptor(view.toy.field, view.azimuth))
    assert iou(perfect, view.framed, view) == pytest.approx(1)
    small = any_network(Sculptor(view.toy.field, view.azimuth, shrunk=0.8))
    assert 0 < iou(small, view.framed, view) < 0.8
    assert iou(perfect, None, view) == 0
    found = render_figures(perfect, [view], lambda text: None)
    assert found["iou"] == found["iou_least"] == pytest.approx(1)
    assert found["surface_colour"] < 0.02


def test_a_picture_without_an_object_counts_as_no_volume() -> None:
    view = view_of()
    perfect = any_network(Sculptor(view.toy.field, view.azimuth))
    assert coded_iou(perfect, lambda pictures: pictures, [view]) == pytest.approx(1)
    assert coded_iou(perfect, lambda pictures: np.full_like(pictures, 255), [view]) == 0


def test_flat_backgrounds_are_unlike_the_toy_and_are_cut_away() -> None:
    view = view_of("robot", "blue")
    colour = unlike(view.toy.field.colours, random.Random(0))
    assert np.abs(view.toy.field.colours - colour).max(-1).min() >= 0.35
    picture = before_flat(view, random.Random(0))
    assert np.abs(picture[0, 0] / 255 - colour).max() < 0.01
    assert np.array_equal(picture[view.cover == 255], view.picture[view.cover == 255])
    framed, usual = framed_as_used(picture), framed_as_used(view.picture)
    assert framed is not None and usual is not None
    assert np.abs(framed.astype(int) - usual).mean() < 6


def test_every_figure_of_meshes_is_known_and_counted() -> None:
    view = view_of()
    found = mesh_figures(
        any_network(Sculptor(view.toy.field, 0)), lambda pictures: pictures, 1, 1, 1, lambda text: None
    )
    assert set(found) <= set(FIGURES)
    assert len(found) == 8
    assert all(0 <= value <= 1 for value in found.values())


@pytest.mark.parametrize("kind", ["chair", "mug"])
def test_a_thin_parts_own_points_lie_in_no_thicker_part(kind: str) -> None:
    toy = spindly(3, kind)
    assert toy.thin
    thick = Field.__new__(Field)
    thick.table = np.delete(toy.field.table, toy.thin, 0)
    for part in toy.thin:
        points = own_points(toy, part)
        assert len(points) > 30
        assert (toy.field.distance(points) < 0).all()
        assert (thick.distance(points) >= 0).mean() > 0.98  # but for what is blended in


class Legless:
    """A mesh network that knows the toys of the measurement, with or without their thin parts."""

    def __init__(self, seed: int, kind: str, legs: bool) -> None:
        toy = spindly(seed, kind)
        if not legs:
            toy.field.table = np.delete(toy.field.table, toy.thin, 0)
        self.sculptor = Sculptor(toy.field, toy.azimuth)
        self.encode_tensor, self.query = self.sculptor.encode_tensor, self.sculptor.query


@pytest.mark.parametrize("legs", [True, False])
def test_thin_parts_count_where_the_mesh_has_them(legs: bool) -> None:
    network: Any = Legless(FIRST_SEED, THIN_KINDS[0], legs)
    assert thin_figures(network, 1, lambda text: None) == {"thin_parts": float(legs)}


def test_pictures_are_coded_in_their_order() -> None:
    pictures = np.stack([np.full((16, 16, 3), n, np.uint8) for n in range(20)])
    assert np.abs(coded(any_vae(0.0), pictures).astype(int) - pictures).max() <= 1


# Backgrounds and sketches


def test_the_remover_runs_through_rembg(tmp_path: Path) -> None:
    make_background(tmp_path / "background" / "matting.onnx", SIDE)
    found = background_figures(Starter(tmp_path).remove, 2)
    assert 0 <= found["mask_iou"] < 0.95


def test_a_mask_of_everything_overlaps_by_the_toys_own_share() -> None:
    def keep(image: Image.Image) -> Image.Image:
        return image.convert("RGBA")

    assert 0.02 < background_figures(keep, 3)["mask_iou"] < 0.9


def test_overlap_of_masks_is_intersection_over_union() -> None:
    one, other = np.zeros((4, 4), np.bool_), np.zeros((4, 4), np.bool_)
    assert overlap(one, other) == 1
    one[:2], other[1:3] = True, True
    assert overlap(one, other) == pytest.approx(1 / 3)


def test_pictures_that_fill_their_outlines_follow_their_sketches() -> None:
    toys = [Description("mushroom", "red"), Description("house", "blue")]
    insides = [sketch(n, toy)[1] for n, toy in enumerate(toys)]
    answers = [replace(WRONG, kind=toy.kind, colour=toy.colour) for toy in toys]

    def follow(drawings: Sequence[Image.Image], asked: Sequence[Description], seed: int) -> Bytes:
        assert len(drawings) == len(asked) == 2
        return np.stack([np.where(inside[..., None], 90, 255).repeat(3, -1) for inside in insides]).astype(
            np.uint8
        )

    assert sketch_figures(follow, lambda pictures: answers, toys) == {"sketch_iou": 1.0, "sketch_colour": 1.0}
    wrong = sketch_figures(follow, lambda pictures: answers[::-1], toys)
    assert wrong == {"sketch_iou": 1.0, "sketch_colour": 0.0}


# Sheets


def test_the_sheet_shows_every_kind_in_two_colours_and_all_that_can_be_said() -> None:
    kinds, values = kind_rows(), value_rows()
    assert [toy.kind for toy in kinds] == [kind for kind in KINDS for _ in range(2)]
    assert len({(toy.kind, toy.colour) for toy in kinds}) == 2 * len(KINDS)
    assert len(values) == 5 * COLUMNS
    assert all(kinds[n].colour != kinds[n + 1].colour for n in range(0, len(kinds), 2))


def test_sheets_lie_below_each_other() -> None:
    sheet = picture_sheet(np.zeros((COLUMNS + 1, 8, 8, 3), np.uint8), side=8)
    assert sheet.size == (COLUMNS * 8, 16)
    assert stacked([sheet, sheet]).size == (COLUMNS * 8, 32)
