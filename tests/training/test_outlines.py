"""Outlines of pictures, and the hand that draws them."""

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy.ndimage import binary_dilation, binary_fill_holes

from training.data import Bytes
from training.outlines import outline_of, scribbled, silhouette


def toy() -> Bytes:
    """A red box with a blue door."""
    picture = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 80, 200, 210), fill="red")
    draw.rectangle((110, 140, 150, 209), fill="blue")
    return np.array(picture)


def masks() -> tuple[torch.Tensor, torch.Tensor]:
    outline = outline_of(toy())
    return (
        torch.from_numpy(np.repeat(mask[None, None], 8, 0)).float() for mask in (outline.rim, outline.inner)
    )  # type: ignore[return-value]


def test_the_rim_goes_once_around_the_silhouette() -> None:
    outline = outline_of(toy())
    assert (binary_fill_holes(outline.rim) == silhouette(toy())).all()
    assert outline.rim.sum() == 2 * (141 + 131) - 4


def test_inner_edges_lie_between_parts_and_off_the_rim() -> None:
    outline = outline_of(toy())
    rows, columns = np.nonzero(outline.inner)
    assert len(rows) > 100
    assert (columns >= 108).all() and (columns <= 152).all()
    assert (rows >= 138).all()
    assert not (outline.inner & binary_dilation(outline.rim, iterations=3)).any()


def test_no_two_drawings_are_alike_but_all_lie_near_the_toy() -> None:
    torch.manual_seed(0)
    rim, inner = masks()
    drawn = scribbled(rim, inner)
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert len({one.numpy().tobytes() for one in drawn}) == 8
    near = binary_dilation(outline_of(toy()).rim | outline_of(toy()).inner, iterations=18)
    assert all((one[0].numpy().astype(bool) <= near).mean() > 0.999 for one in drawn)


def test_some_drawings_leave_inner_edges_out_and_pens_differ() -> None:
    torch.manual_seed(0)
    rim, inner = masks()
    drawn = scribbled(rim, inner)
    inked = drawn.mean((1, 2, 3))
    assert inked.max() > 1.8 * inked.min()
    door = drawn[:, 0, 160:190, 105:155].mean((1, 2))
    assert door.min() < 0.5 * door.max()


def test_a_hand_that_does_not_tremble_draws_the_very_lines() -> None:
    torch.manual_seed(0)
    rim, inner = masks()
    drawn = scribbled(rim, torch.zeros_like(inner), strength=0.0)
    thick = binary_dilation(outline_of(toy()).rim, np.ones((11, 11)))
    assert not (drawn.numpy()[:, 0].astype(bool) & ~thick).any()
