from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from tests.tsr.shapes import DATA, tiny_config
from tsr import TSR, Field, TSRConfig
from tsr.vit import resize_positions


@pytest.fixture(scope="module")
def model() -> TSR:
    return TSR.from_pretrained(DATA / "small")


@pytest.fixture(scope="module")
def recorded() -> dict[str, np.ndarray]:
    return dict(np.load(DATA / "small" / "reference.npz"))


@pytest.fixture(scope="module")
def field(model: TSR, recorded: dict[str, np.ndarray]) -> Field:
    with torch.no_grad():
        return model.query(torch.tensor(recorded["scene_codes"]), torch.tensor(recorded["points"]))


def close(ours: Tensor, theirs: np.ndarray) -> bool:
    return ours.shape == theirs.shape and float(np.abs(ours.numpy() - theirs).max()) < 1e-4


def test_image_tokens_are_the_published_ones(model: TSR, recorded: dict[str, np.ndarray]) -> None:
    picture = torch.tensor(recorded["image"]).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        tokens = model.image_tokenizer(picture)
    assert close(tokens[0].T, recorded["image_tokens"])


def test_scene_codes_are_the_published_ones(model: TSR, recorded: dict[str, np.ndarray]) -> None:
    assert close(model.encode([Image.fromarray(recorded["image"])])[0], recorded["scene_codes"])


def test_raw_density_and_colour_are_the_published_ones(field: Field, recorded: dict[str, np.ndarray]) -> None:
    assert close(field.raw_density, recorded["density"])
    assert close(field.raw_color, recorded["features"])


def test_density_and_colour_are_the_published_ones(field: Field, recorded: dict[str, np.ndarray]) -> None:
    assert close(field.density, recorded["density_act"])
    assert close(field.color, recorded["color"])


def test_pictures_of_several_sizes_go_through_together(model: TSR, recorded: dict[str, np.ndarray]) -> None:
    image = Image.fromarray(recorded["image"])
    codes = model.encode([image.resize((90, 120)), image])
    assert codes.shape == (2, 3, 16, 16, 16)
    assert torch.allclose(codes[1], torch.tensor(recorded["scene_codes"]), atol=1e-4)


def test_a_batch_of_codes_is_asked_each_at_its_own_points(
    model: TSR, recorded: dict[str, np.ndarray]
) -> None:
    code, points = torch.tensor(recorded["scene_codes"]), torch.tensor(recorded["points"])
    codes, places = torch.stack([code, code.flip(0)]), torch.stack([points, points.flip(0)])
    with torch.no_grad():
        together = model.query_batch(codes, places)
        alone = [model.query(codes[n], places[n]) for n in range(2)]
    assert torch.allclose(together.raw_color, torch.stack([a.raw_color for a in alone]), atol=1e-5)
    assert torch.allclose(together.raw_density, torch.stack([a.raw_density for a in alone]), atol=1e-5)


def test_points_of_any_shape_keep_it(model: TSR, recorded: dict[str, np.ndarray]) -> None:
    with torch.no_grad():
        field = model.query(torch.tensor(recorded["scene_codes"]), torch.zeros(2, 5, 4, 3))
    assert field.density.shape == (2, 5, 4, 1)
    assert field.color.shape == (2, 5, 4, 3)


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(0)
    model = TSR(replace(tiny_config(), plane_size=4))
    field = model.query_batch(model.encode_tensor(torch.rand(2, 3, 32, 32)), torch.rand(2, 50, 3) - 0.5)
    (field.raw_density.square().mean() + field.raw_color.square().mean()).backward()
    untouched = [
        name for name, tensor in model.named_parameters() if tensor.grad is None or not tensor.grad.any()
    ]
    assert untouched == []


def test_positions_of_the_trained_size_stay_as_they_are() -> None:
    positions = torch.rand(1, 17, 8)
    assert resize_positions(positions, 4) is positions


def test_the_published_sizes_make_the_published_number_of_tensors_and_parameters() -> None:
    with torch.device("meta"):
        model = TSR(TSRConfig())
    pooler = [768 * 768, 768]  # in the file, unused
    assert len(model.state_dict()) + len(pooler) == 549
    assert sum(tensor.numel() for tensor in model.state_dict().values()) + sum(pooler) == 419_275_628
