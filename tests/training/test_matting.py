"""The starter's background remover."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from rembg.sessions.base import BaseSession
from torch import Tensor, nn

from models.load import load_background_remover
from tests.training.test_scenes import disc
from training.data import ToySet
from training.description import Description
from training.matting import (
    DEVIATION,
    MEAN,
    SIDE,
    Mask,
    Matting,
    export_matting,
    lacking,
    loss_at,
    mask_iou,
    normalised,
    overlap,
)


class Says(nn.Module):
    """A network that answers with given logits, whatever it sees."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, pictures: Tensor) -> Tensor:
        return self.logits


def some_toys() -> ToySet:
    picture, cover = disc()
    return ToySet({"picture": [picture[None]], "cover": [cover[None]]}, [Description("apple", "red")])


def shipped(logits: Tensor) -> Tensor:
    model: Any = Says(logits)
    found: Tensor = Mask(model)(torch.zeros(1, 3, SIDE, SIDE))
    return found


def test_pictures_are_normalised_as_rembg_does_it() -> None:
    pixels = np.random.default_rng(0).integers(0, 200, (SIDE, SIDE, 3), dtype=np.uint8)
    session: Any = SimpleNamespace(
        inner_session=SimpleNamespace(get_inputs=lambda: [SimpleNamespace(name="x")])
    )
    theirs = BaseSession.normalize(session, Image.fromarray(pixels), MEAN, DEVIATION, (SIDE, SIDE))["x"][0]
    assert np.abs(normalised((pixels / 255).astype(np.float32)) - theirs).max() < 1e-5


def test_sure_pixels_are_exactly_object_or_background() -> None:
    logits = torch.full((1, 1, SIDE, SIDE), -4.0)
    logits[..., 100:200, 100:200] = 4.0
    mask = shipped(logits)
    assert mask.unique().tolist() == [0.0, 1.0]
    assert mask.sum() == 100 * 100


@pytest.mark.parametrize(("logit", "rest"), [(-2.0, 0.043), (2.0, 0.957)])
def test_a_picture_of_one_kind_is_not_stretched_by_rembg(logit: float, rest: float) -> None:
    mask = shipped(torch.full((1, 1, SIDE, SIDE), logit))
    stretched = (mask - mask.min()) / (mask.max() - mask.min())  # as rembg does
    assert mask.min() == min(mask[0, 0, 0, 0], mask[0, 0, 5, 5])
    assert abs(float(stretched[0, 0, 5, 5]) - round(rest)) < 0.2


def test_a_right_mask_lacks_nothing_and_a_missed_one_all() -> None:
    truth = torch.zeros(2, 1, 40, 40)
    truth[:, :, 10:30, 10:30] = 1
    assert lacking(truth, truth) == 0
    assert lacking(torch.zeros_like(truth), truth) > 0.99
    assert lacking(torch.zeros_like(truth), torch.zeros_like(truth)) == 0


def test_overlap_is_intersection_over_union() -> None:
    one, other = np.zeros((2, 4, 4), bool)
    one[:, :2], other[:, 1:3] = True, True
    assert overlap(one, other) == pytest.approx(4 / 12)


def test_the_loss_lies_where_the_network_does() -> None:
    assert loss_at(Matting().to("meta"), some_toys(), step=0, batch=2).device.type == "meta"


def test_the_network_is_learning() -> None:
    torch.manual_seed(0)
    model = Matting()
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    losses = []
    for _ in range(8):
        loss = loss_at(model, some_toys(), step=0, batch=2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_rembg_runs_the_exported_network_as_torch_does(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Matting().eval()
    export_matting(model, tmp_path / "matting.onnx")
    picture = torch.randn(1, 3, SIDE, SIDE)
    session = onnxruntime.InferenceSession(tmp_path / "matting.onnx")
    (mask,) = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    with torch.no_grad():
        assert np.abs(mask - Mask(model)(picture).numpy()).max() < 1e-4
    card: Any = SimpleNamespace(name="starter-matting", files=("matting.onnx",), native_size=SIDE)
    remove = load_background_remover(card, tmp_path)
    assert remove(Image.new("RGB", (50, 30), "green")).size == (50, 30)
    assert 0 <= mask_iou(remove, some_toys(), 2) <= 1


def test_a_perfect_remover_has_a_perfect_score() -> None:
    picture, cover = disc()

    def remove(image: Image.Image) -> Image.Image:
        seen = np.asarray(image).astype(int)
        red = (seen[..., 0] - seen[..., 1:].max(-1) > 60).astype(np.uint8) * 255
        return Image.fromarray(np.dstack([np.asarray(image), red]))

    assert mask_iou(remove, some_toys(), 6) > 0.3
