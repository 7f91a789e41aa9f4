"""Where training runs."""

import pytest
import torch
from torch import nn

from training import place
from training.place import autocast, batch_for, device, moved, place_of


def test_a_gpu_is_taken_where_there_is_one() -> None:
    assert device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_gpu_takes_larger_batches() -> None:
    assert batch_for(torch.device("cpu"), 12) == 12
    assert batch_for(torch.device("cuda"), 12) > 12


@pytest.mark.parametrize(("instructions", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_products_are_computed_in_half_precision_where_the_processor_can(
    monkeypatch: pytest.MonkeyPatch, instructions: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(place, "has_bf16_instructions", lambda: instructions)
    with autocast(torch.device("cpu")):
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == dtype


def test_a_batch_follows_its_network() -> None:
    place = place_of(nn.Linear(2, 2, device="meta"))
    assert [part.device.type for part in moved(place, torch.ones(2), torch.zeros(1))] == ["meta", "meta"]
