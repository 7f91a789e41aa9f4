"""Drawings of every sort become the same scribble."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import binary_dilation, binary_fill_holes

from models.errors import MaquetteError
from pipelines.scribble import scribble_of

ROOF = [(120, 240), (256, 110), (392, 240), (120, 240)]
WALL = [(150, 240), (150, 430), (362, 430), (362, 240)]


def house(
    ink: str = "black", paper: str = "white", pen: int = 8, size: tuple[int, int] = (512, 512)
) -> Image.Image:
    """A triangle on a box, drawn for 512 pixels."""
    image, scale = Image.new("RGB", size, paper), size[0] / 512
    draw = ImageDraw.Draw(image)
    for corners in (ROOF, WALL):
        draw.line([(x * scale, y * scale) for x, y in corners], ink, round(pen * scale), joint="curve")
    return image


def photographed(drawing: Image.Image, noise: float = 4) -> Image.Image:
    """A drawing in uneven light with the hard shadow of something across it, and a camera's noise."""
    marks = np.asarray(drawing.convert("L").filter(ImageFilter.GaussianBlur(1.5)), float) / 255
    down, across = np.mgrid[: marks.shape[0], : marks.shape[1]] / max(marks.shape)
    light = (0.85 - 0.45 * across - 0.15 * down) * np.where(down > 0.3 + 0.5 * across, 0.6, 1.0)
    levels = 255 * light * (0.25 + 0.75 * marks) + np.random.default_rng(0).normal(0, noise, marks.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")


def lines_of(scribble: Image.Image) -> NDArray[np.bool_]:
    return np.asarray(scribble.convert("L")) > 127


def found_and_right(picture: Image.Image, expected: NDArray[np.bool_]) -> tuple[float, float]:
    """The share of the expected lines that are found, and of the found that are expected, to 6 pixels."""
    lines, near = lines_of(scribble_of(picture, 512, 512)), np.ones((13, 13), bool)
    found = float(binary_dilation(lines, near)[expected].mean())
    return found, float(binary_dilation(expected, near)[lines].mean())


def transparent(drawing: Image.Image, ink: str) -> Image.Image:
    """The strokes alone, on nothing."""
    result = Image.new("RGBA", drawing.size, (0, 0, 0, 0))
    result.paste(Image.new("RGBA", drawing.size, ink), mask=drawing.convert("L").point(lambda v: 255 - v))
    return result


def on_a_table(sheet: Image.Image) -> Image.Image:
    """A sheet of paper on a brown table."""
    table = Image.new("RGB", (720, 720), "#503828")
    table.paste(sheet, (104, 104))
    return table


@pytest.mark.parametrize(
    "drawing",
    [
        house(),
        house("white", "black"),
        house("yellow"),
        house("#c8c8c8"),
        house(pen=2),
        house(pen=24),
        house(size=(1600, 1600)),
        transparent(house(), "black"),
        transparent(house(), "white"),
        photographed(house(pen=5)),
        photographed(house(pen=5, size=(1400, 1400)), noise=10),
        Image.eval(photographed(house(pen=5)), lambda value: 255 - value),
    ],
    ids=[
        "dark",
        "light",
        "yellow",
        "pale",
        "fine",
        "broad",
        "large",
        "clear",
        "clear-light",
        "photo",
        "grain",
        "board",
    ],
)
def test_a_drawing_becomes_its_lines(drawing: Image.Image) -> None:
    found, right = found_and_right(drawing, lines_of(Image.eval(house(pen=2), lambda value: 255 - value)))
    assert found > 0.97
    assert right > 0.97


def test_paper_that_fills_only_a_part_of_a_photo_is_drawn_upon_all_the_same() -> None:
    table = on_a_table(photographed(house(pen=5)))
    lines = lines_of(scribble_of(table, 720, 720))
    expected = np.zeros((720, 720), bool)
    expected[104:616, 104:616] = lines_of(Image.eval(house(pen=2), lambda value: 255 - value))
    assert binary_dilation(lines, np.ones((13, 13)))[expected].mean() > 0.9
    assert not lines[:90].any()  # nor is the sheet's own edge a line
    assert not lines[:, :90].any()


def test_lines_are_white_on_black_and_equally_broad_whatever_the_pen() -> None:
    fine, broad = (np.asarray(scribble_of(house(pen=pen), 512, 512)) for pen in (3, 20))
    assert fine.shape == (512, 512, 3)
    assert fine[0, 0].tolist() == [0, 0, 0]
    assert fine.max() == 255
    assert fine.mean() == pytest.approx(broad.mean(), rel=0.08)


def test_a_filled_drawing_becomes_its_rim() -> None:
    picture = Image.new("RGB", (512, 512), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon(WALL, fill="#345")
    draw.polygon(ROOF, fill="brown")
    lines = lines_of(scribble_of(picture, 512, 512))
    inside = np.asarray(picture.convert("L")) < 200
    filled = binary_fill_holes(lines)
    assert (filled & inside).sum() / (filled | inside).sum() > 0.95
    assert lines.mean() < 0.1


def test_a_wide_drawing_lies_in_the_middle_of_a_square_picture() -> None:
    drawing = Image.new("RGB", (800, 400), "white")
    ImageDraw.Draw(drawing).rectangle((40, 40, 760, 360), outline="black", width=8)
    rows, columns = np.nonzero(lines_of(scribble_of(drawing, 256, 256)))
    assert columns.min() < 20 < 235 < columns.max()
    assert rows.min() == pytest.approx(64 + 13, abs=4)
    assert rows.max() == pytest.approx(192 - 13, abs=4)


@pytest.mark.parametrize("size", [(256, 256), (512, 768), (1024, 512)])
def test_a_scribble_has_the_size_that_is_asked_for(size: tuple[int, int]) -> None:
    assert scribble_of(house(), *size).size == size


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (512, 512), "white"),
        Image.new("RGB", (512, 512), "black"),
        Image.new("RGB", (8, 8), "grey"),
        Image.new("RGBA", (512, 512), (0, 0, 0, 0)),
        Image.new("RGBA", (512, 512), (255, 255, 255, 255)),
    ],
    ids=["white", "black", "tiny", "clear", "opaque"],
)
def test_an_empty_sketch_is_refused(picture: Image.Image) -> None:
    with pytest.raises(MaquetteError, match="The sketch is empty") as refusal:
        scribble_of(picture, 256, 256)
    assert refusal.value.code == "BAD_IMAGE"
