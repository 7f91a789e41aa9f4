"""Cutting out is measured against drawings whose true outline is known."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from models.errors import Code, MaquetteError
from pipelines.foreground import cut_out, frame
from pipelines.requests import Background

SIDE, FINE = 128, 4
Shape = tuple[str, tuple[float, ...], str]
MUG: list[Shape] = [
    ("ellipse", (0.5, 0.3, 0.85, 0.7), "navy"),
    ("ellipse", (0.58, 0.38, 0.77, 0.62), "white"),
    ("rectangle", (0.2, 0.2, 0.6, 0.8), "navy"),
]
DONUT: list[Shape] = [
    ("ellipse", (0.15, 0.15, 0.85, 0.85), "peru"),
    ("ellipse", (0.4, 0.4, 0.6, 0.6), "white"),
]
BALL: list[Shape] = [("ellipse", (0.25, 0.3, 0.75, 0.8), "crimson")]


def drawn(shapes: list[Shape], background: str = "white") -> tuple[Image.Image, NDArray[np.float64]]:
    """An antialiased drawing and how much of each pixel the object covers; white shapes are holes."""
    picture, cover = Image.new("RGB", (SIDE * FINE,) * 2, background), Image.new("L", (SIDE * FINE,) * 2)
    for kind, box, colour in shapes:
        corners = [edge * SIDE * FINE for edge in box]
        getattr(ImageDraw.Draw(picture), kind)(corners, fill=background if colour == "white" else colour)
        getattr(ImageDraw.Draw(cover), kind)(corners, fill=0 if colour == "white" else 255)
    small, share = (image.resize((SIDE, SIDE), Image.Resampling.BOX) for image in (picture, cover))
    return small, np.asarray(share, dtype=np.float64) / 255


def as_autoencoded(image: Image.Image, noise: float = 5.0) -> Image.Image:
    """The picture slightly soft and uneven, as an autoencoder leaves it."""
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)), dtype=np.float64)
    grain = np.random.default_rng(0).normal(0, noise, soft.shape)
    return Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


def shaded_ball() -> tuple[Image.Image, NDArray[np.float64]]:
    """A white ball before white, lit from the upper left: nearly white there, grey at the lower right."""
    rows, columns = (np.mgrid[0 : SIDE * FINE, 0 : SIDE * FINE] + 0.5) / (SIDE * FINE) * 2 - 1
    inside = rows**2 + columns**2 < 0.36
    light = np.clip(0.95 - 0.55 * (rows + columns + 0.3), 0, 0.94)
    pixels = np.where(inside, light, 1.0).reshape(SIDE, FINE, SIDE, FINE).mean((1, 3))
    cover = inside.reshape(SIDE, FINE, SIDE, FINE).mean((1, 3))
    return Image.fromarray((pixels * 255).astype(np.uint8)).convert("RGB"), cover


def overlap(cut: Image.Image, cover: NDArray[np.float64]) -> float:
    """Intersection over union of a cut-out's alpha and the true cover."""
    alpha = np.asarray(cut.getchannel("A"), dtype=np.float64) / 255
    return float(np.minimum(alpha, cover).sum() / np.maximum(alpha, cover).sum())


def refusal(image: Image.Image, method: Background, code: Code = "BAD_IMAGE") -> str:
    with pytest.raises(MaquetteError) as caught:
        cut_out(image, method)
    assert caught.value.code == code
    return caught.value.message


@pytest.mark.parametrize("shapes", [MUG, DONUT, BALL], ids=["mug", "donut", "ball"])
@pytest.mark.parametrize("background", ["white", "lightblue", "black"])
def test_a_plain_background_goes_holes_included(shapes: list[Shape], background: str) -> None:
    image, cover = drawn(shapes, background)
    assert overlap(cut_out(image, "fill"), cover) > 0.985


@pytest.mark.parametrize("shapes", [MUG, DONUT, BALL], ids=["mug", "donut", "ball"])
def test_autoencoder_noise_does_no_harm(shapes: list[Shape]) -> None:
    image, cover = drawn(shapes)
    assert overlap(cut_out(as_autoencoded(image), "auto"), cover) > 0.95


def test_a_white_toy_on_white_survives_where_its_outline_shows() -> None:
    image, cover = shaded_ball()
    assert overlap(cut_out(image, "fill"), cover) > 0.9


def test_a_white_spot_inside_the_object_is_no_hole_when_it_fades() -> None:
    image, cover = drawn(BALL)
    pixels = np.asarray(image, dtype=np.float64)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    glow = np.clip(1.6 * np.exp(-((rows - 0.5) ** 2 + (columns - 0.5) ** 2) / 0.012), 0, 1)[..., None]
    lit = Image.fromarray((pixels * (1 - glow) + 255 * glow).astype(np.uint8))
    assert overlap(cut_out(lit, "fill"), cover) > 0.985


def test_edge_pixels_carry_the_objects_colour_and_not_the_backgrounds() -> None:
    cut = np.asarray(cut_out(drawn(BALL)[0], "fill"), dtype=np.float64)
    edge = (cut[..., 3] > 40) & (cut[..., 3] < 215)
    assert edge.sum() > 50
    assert np.abs(cut[edge][:, :3] - (220, 20, 60)).max() < 40


def test_the_pictures_own_alpha_is_kept() -> None:
    image = Image.new("RGBA", (40, 40), (10, 20, 30, 0))
    image.paste((200, 0, 0, 255), (10, 5, 30, 35))
    assert cut_out(image, "auto").tobytes() == image.tobytes()


def test_an_opaque_picture_that_is_kept_is_all_object() -> None:
    cut = cut_out(as_autoencoded(drawn(BALL)[0]), "keep")
    assert cut.getchannel("A").getextrema() == (255, 255)


def test_the_network_is_asked_only_where_the_background_is_not_plain() -> None:
    asked: list[Image.Image] = []

    def remover(image: Image.Image) -> Image.Image:
        asked.append(image)
        cut = image.convert("RGBA")
        cut.putalpha(Image.new("L", image.size, 255))
        return cut

    cut_out(drawn(BALL)[0], "auto", remover)
    assert asked == []
    cut_out(Image.effect_noise((64, 64), 90).convert("RGB"), "auto", remover)
    assert len(asked) == 1


def test_without_the_network_a_busy_background_is_refused_with_advice() -> None:
    noise = Image.effect_noise((64, 64), 120).convert("RGB")
    assert "plain or transparent background" in refusal(noise, "auto")
    assert "u2net.onnx" in refusal(noise, "rembg", "MODEL_MISSING")


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (64, 64), "white"),
        Image.new("RGB", (64, 64), "green"),
        Image.new("RGBA", (64, 64), (9, 9, 9, 0)),
        as_autoencoded(Image.new("RGB", (64, 64), (250, 250, 250)), 2.0),
    ],
    ids=["white", "green", "transparent", "nearly white"],
)
@pytest.mark.parametrize("method", ["auto", "fill", "keep"])
def test_a_picture_without_an_object_is_refused(image: Image.Image, method: Background) -> None:
    if method == "keep" and len(image.getcolors(99999) or []) > 1:
        pytest.skip("noise that is kept on purpose is an object")
    assert "No object was found" in refusal(image, method)


def test_framing_centres_the_object_at_the_asked_share_over_grey() -> None:
    image = Image.new("RGBA", (100, 60), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (50, 5, 90, 25))
    framed = frame(image, ratio=0.8)
    pixels = np.asarray(framed)
    red = np.argwhere((pixels == (255, 0, 0)).all(-1))
    assert framed.size == (50, 50)
    assert red.min(0).tolist() == [15, 5] and red.max(0).tolist() == [34, 44]
    assert pixels[0, 0].tolist() == [127, 127, 127]


def test_framing_mixes_half_transparent_pixels_with_grey() -> None:
    image = Image.new("RGBA", (10, 10), (255, 255, 255, 128))
    assert np.asarray(frame(image, ratio=1.0))[5, 5].tolist() == [191, 191, 191]


def test_framing_gives_the_asked_size() -> None:
    image = Image.new("RGBA", (30, 17), (0, 0, 255, 255))
    assert frame(image, size=128).size == (128, 128)


def test_framing_nothing_is_refused() -> None:
    with pytest.raises(MaquetteError, match="nothing in it is visible"):
        frame(Image.new("RGBA", (8, 8), (255, 255, 255, 3)))
