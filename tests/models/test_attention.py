from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch.nn.functional import scaled_dot_product_attention

from models.attention import FEWEST, PlainAttention, attend_plainly, attention
from models.runtime import Runtime
from models.store import ModelStore


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
@pytest.mark.parametrize("rows", [1, 128, 300])
def test_plain_products_give_what_the_fused_form_gives(
    rows: int, dtype: torch.dtype, tolerance: float
) -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, count, 8).to(dtype) for count in (rows, 77, 77))
    expected = scaled_dot_product_attention(q, k, v).transpose(1, 2)
    torch.testing.assert_close(attention(q, k, v), expected, rtol=tolerance, atol=tolerance)


def layers() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "itself": Attention(16, heads=2, dim_head=8, residual_connection=False),
        "words": Attention(16, cross_attention_dim=12, heads=2, dim_head=8),
        "pixels": Attention(
            16, heads=1, dim_head=16, norm_num_groups=4, residual_connection=True, rescale_output_factor=2.0
        ),
    }


@pytest.mark.parametrize("name", ["itself", "words", "pixels"])
@torch.no_grad()
def test_a_layer_gives_what_diffusers_own_gives(name: str) -> None:
    layer, side = layers()[name], int(FEWEST**0.5) + 1
    x = torch.randn(2, 16, side, side) if name == "pixels" else torch.randn(2, side**2, 16)
    words = torch.randn(2, 77, 12) if name == "words" else None
    layer.set_processor(AttnProcessor2_0())
    expected = layer(x, words)
    attend_plainly(torch.nn.ModuleList([layer]))
    assert isinstance(layer.processor, PlainAttention)
    torch.testing.assert_close(layer(x, words), expected, rtol=1e-4, atol=1e-5)


def test_a_layer_that_does_more_keeps_its_own_way() -> None:
    layer = Attention(16, heads=2, dim_head=8, qk_norm="layer_norm")
    attend_plainly(torch.nn.ModuleList([layer]))
    assert not isinstance(layer.processor, PlainAttention)


def test_what_a_processor_draws_in_bfloat16_attends_by_plain_products(
    starter_dir: Path, tmp_path: Path
) -> None:
    def processors(dtype: torch.dtype) -> set[type]:
        runtime = Runtime(torch.device("cpu"), dtype, "a test")
        store = ModelStore(runtime, tmp_path, offline=True, starter_dir=starter_dir)
        pipeline: Any = store.image_pipeline("starter")
        layers = [*pipeline.unet.modules(), *pipeline.vae.modules()]
        return {type(layer.processor) for layer in layers if isinstance(layer, Attention)}

    assert processors(torch.bfloat16) == {PlainAttention}
    assert processors(torch.float32) == {AttnProcessor2_0}
