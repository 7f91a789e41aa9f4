from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from tests.tsr.shapes import DATA, tiny_config
from tsr import TSR, Scene
from tsr.backbone import ROWS, FeedForward
from tsr.products import QUERIES, Linear, attention

STARTER = Path(__file__).parents[2] / "models" / "starter" / "meshes"


@pytest.mark.parametrize("shape", [(7, 24), (2, 30, 24), (1, 24)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_linear_layer_gives_the_same_without_gradients_as_with_them(
    shape: tuple[int, ...], bias: bool
) -> None:
    torch.manual_seed(0)
    layer, x = Linear(24, 40, bias=bias), torch.randn(shape)
    with torch.no_grad():
        assert torch.allclose(layer(x), F.linear(x, layer.weight, layer.bias), atol=1e-5)
    assert torch.allclose(layer(x), F.linear(x, layer.weight, layer.bias), atol=1e-5)


def test_rows_that_do_not_lie_one_after_another_are_read_right() -> None:
    torch.manual_seed(0)
    layer, x = Linear(24, 40), torch.randn(2, 24, 30).transpose(1, 2)
    with torch.no_grad():
        assert torch.allclose(layer(x), F.linear(x, layer.weight, layer.bias), atol=1e-5)


@pytest.mark.parametrize("queries", [1, QUERIES, QUERIES + 88])
def test_attention_in_bfloat16_is_that_of_float32_within_rounding(queries: int) -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, rows, 16).bfloat16() for rows in (queries, 90, 90))
    exact = F.scaled_dot_product_attention(q.float(), k.float(), v.float())
    with torch.no_grad():
        found = attention(q, k, v)
    assert found.dtype == torch.bfloat16
    assert float((found.float() - exact).norm() / exact.norm()) < 0.01


def test_attention_in_bfloat16_has_the_values_and_gradients_of_float32_within_rounding() -> None:
    torch.manual_seed(0)
    found = [torch.randn(2, 3, 20, 16).bfloat16().requires_grad_() for _ in range(3)]
    exact = [value.detach().float().requires_grad_() for value in found]
    mixed = attention(*found)
    true = F.scaled_dot_product_attention(exact[0], exact[1], exact[2])
    assert torch.allclose(mixed.float(), true, atol=0.03)
    gradients = torch.autograd.grad(mixed.float().square().sum(), found)
    for rounded, gradient in zip(gradients, torch.autograd.grad(true.square().sum(), exact), strict=True):
        assert float((rounded.float() - gradient).norm() / gradient.norm()) < 0.02


def test_a_feed_forward_layer_in_parts_is_the_whole_one() -> None:
    torch.manual_seed(0)
    layer, x = FeedForward(32), torch.randn(2, ROWS + 50, 32)
    with torch.no_grad():
        assert torch.allclose(layer(x), layer.net(x), atol=1e-5)


def test_parameter_names_are_those_of_plain_layers() -> None:
    assert set(Linear(2, 3).state_dict()) == {"weight", "bias"}


def test_a_network_in_bfloat16_gives_nearly_the_scene_code_of_float32() -> None:
    torch.manual_seed(0)
    model = TSR(tiny_config()).eval()
    picture = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        exact = model.encode_tensor(picture)
        found = model.bfloat16().encode_tensor(picture.bfloat16()).float()
    assert float((found - exact).norm() / exact.norm()) < 0.02


def test_the_starters_mesh_in_bfloat16_lies_within_half_a_voxel_of_float32s() -> None:
    picture = Image.new("RGB", (128, 128), (128, 128, 128))
    ImageDraw.Draw(picture).ellipse((14, 34, 114, 94), fill=(200, 40, 30))
    exact = TSR.from_pretrained(STARTER)
    rounded = TSR.from_pretrained(STARTER, dtype=torch.bfloat16)
    with torch.no_grad():
        field = Scene(exact, exact.encode([picture])[0])
        mesh = Scene(rounded, rounded.encode([picture])[0].float()).surface(64)
    vertices = mesh.vertices.astype(np.float32)
    slope = np.linalg.norm(field.density_gradient(vertices), axis=1)
    distance = np.abs(field.raw_density(vertices) - field.level(25.0)) / slope  # to first order
    assert len(vertices) > 1000
    assert 0 < distance.mean() < 0.5 * 2 * exact.config.radius / 63


def test_the_recorded_network_in_bfloat16_is_near_the_published_numbers() -> None:
    exact, rounded = (TSR.from_pretrained(DATA / "small", dtype=t) for t in (torch.float32, torch.bfloat16))
    picture = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = exact.encode_tensor(picture)
        found = rounded.encode_tensor(picture.bfloat16()).float()
    assert float((found - expected).norm() / expected.norm()) < 0.02
