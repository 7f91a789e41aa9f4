import pytest
import torch

from models.errors import MaquetteError
from models.runtime import bf16_error, has_bf16_instructions, pick_runtime


def test_the_cpu_uses_bf16_only_where_the_processor_has_it_and_says_so() -> None:
    runtime = pick_runtime("cpu")
    expected = torch.bfloat16 if has_bf16_instructions() else torch.float32
    assert (runtime.device.type, runtime.dtype) == ("cpu", expected)
    assert "bf16" in runtime.reason


def test_a_given_precision_is_obeyed() -> None:
    runtime = pick_runtime("cpu", "float32")
    assert runtime.dtype is torch.float32
    assert "float32 as asked" in runtime.reason


def test_bf16_is_close_but_not_exact() -> None:
    assert 0.0005 < bf16_error() < 0.02


@pytest.mark.parametrize(("device", "dtype", "field"), [("tpu", "auto", "device"), ("cpu", "int4", "dtype")])
def test_unknown_names_are_refused_with_the_known_ones(device: str, dtype: str, field: str) -> None:
    with pytest.raises(MaquetteError, match=f"{field}: .* is not one of auto") as caught:
        pick_runtime(device, dtype)
    assert caught.value.code == "BAD_REQUEST"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_an_absent_device_is_refused_with_what_is_there() -> None:
    with pytest.raises(MaquetteError, match="'cuda' is not in this machine; there is cpu"):
        pick_runtime("cuda")
