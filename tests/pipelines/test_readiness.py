import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from models.errors import MaquetteError
from pipelines.foreground import cut_by_mask
from pipelines.objects import Place, parts_of, places_of
from pipelines.readiness import doubts

SHADES = Image.fromarray(np.tile(np.linspace(60, 220, 200, dtype=np.uint8), (200, 1))).convert("RGB")


def cut(*boxes: tuple[int, int, int, int], colours: Image.Image = SHADES) -> Image.Image:
    """Ellipses of these boxes, cut out of shaded colours."""
    mask = Image.new("L", colours.size, 0)
    for box in boxes:
        ImageDraw.Draw(mask).ellipse(box, fill=255)
    found = colours.convert("RGBA")
    found.putalpha(mask)
    return found


def on(background: str, found: Image.Image) -> Image.Image:
    """A cut-out pasted on a plain background."""
    picture = Image.new("RGB", found.size, background)
    picture.paste(found, mask=found.getchannel("A"))
    return picture


@pytest.mark.parametrize(
    ("boxes", "word"),
    [
        ([(-40, 50, 120, 150)], "border"),
        ([(90, 90, 110, 110)], "tiny"),
        ([(10, 60, 90, 140), (110, 60, 190, 140)], "2 separate objects"),
    ],
)
def test_each_doubt_is_told_with_its_remedy(boxes: list[tuple[int, int, int, int]], word: str) -> None:
    found = cut(*boxes)
    told = doubts(found, on("blue", found))
    assert any(word in text for text in told) and all(";" in text for text in told)


def test_a_good_picture_raises_no_doubt() -> None:
    found = cut((40, 40, 160, 160))
    assert doubts(found, on("blue", found)) == []


def test_several_objects_are_no_doubt_where_each_gets_its_mesh() -> None:
    found = cut((10, 60, 90, 140), (110, 60, 190, 140))
    assert doubts(found, on("blue", found), several=True) == []


def test_an_object_of_the_backgrounds_colour_is_told() -> None:
    found = cut((40, 40, 160, 160))
    mean = np.asarray(found)[np.asarray(found)[..., 3] > 0][:, :3].mean(axis=0)
    background = "rgb({:.0f},{:.0f},{:.0f})".format(*mean)
    assert any("hardly differs" in text for text in doubts(found, on(background, found)))


def test_an_object_without_shading_is_told() -> None:
    found = cut((40, 40, 160, 160), colours=Image.new("RGB", (200, 200), "red"))
    assert any("no light and shade" in text for text in doubts(found, on("white", found)))


def test_a_picture_that_is_all_object_is_told() -> None:
    (told,) = doubts(SHADES.convert("RGBA"), SHADES)
    assert "whole picture" in told


def test_crumbs_are_no_objects() -> None:
    assert len(parts_of(cut((40, 40, 160, 160), (2, 2, 10, 10)))) == 1


def test_the_parts_are_the_picture_taken_apart() -> None:
    whole = cut((10, 60, 90, 140), (110, 80, 170, 140))
    parts = parts_of(whole)
    alpha = sum(np.asarray(part.getchannel("A"), dtype=int) for part in parts)
    assert np.array_equal(alpha, np.asarray(whole.getchannel("A")))


def test_one_object_stays_where_it_is() -> None:
    assert places_of([cut((40, 40, 100, 160))], 0.85) == [Place()]


def test_objects_keep_their_proportions_and_distances() -> None:
    large, small = places_of([cut((0, 0, 99, 99)), cut((150, 75, 199, 124))], 0.5)
    assert (large.scale, small.scale) == (1.0, 0.5)
    side = 2 * 1.9 * np.tan(np.radians(20)) * 0.5  # of the larger one, in TripoSR's frame
    assert small.right - large.right == pytest.approx(1.25 * side)
    assert large.up - small.up == pytest.approx(0.5 * side)


def test_a_mask_of_another_size_decides_what_is_object() -> None:
    mask = Image.new("L", (50, 50), 0)
    ImageDraw.Draw(mask).rectangle((0, 0, 24, 49), fill=255)
    alpha = np.asarray(cut_by_mask(SHADES.filter(ImageFilter.BLUR), mask).getchannel("A"))
    assert alpha.shape == (200, 200)
    assert (alpha[:, :90] == 255).all() and (alpha[:, 110:] == 0).all()


def test_a_mask_without_white_is_refused() -> None:
    with pytest.raises(MaquetteError, match="no white"):
        cut_by_mask(SHADES, Image.new("RGB", (20, 20), "black"))
