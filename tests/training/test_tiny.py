"""The tiny autoencoder of previews."""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny

from training.data import ToySet
from training.tiny import loss_at, new_tiny, save_tiny, train_tiny


def some_toys(count: int = 2) -> ToySet:
    pictures = np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    return ToySet({"picture": [pictures]}, [])


def test_a_latent_becomes_sixteen_pixels_and_comes_back() -> None:
    tiny = new_tiny()
    with torch.no_grad():
        pictures = tiny.decode(torch.randn(1, 8, 4, 3))[0]
        latents = tiny.encode(pictures).latents
    assert pictures.shape == (1, 3, 64, 48)
    assert latents.shape == (1, 8, 4, 3)


def test_training_changes_both_halves_and_what_is_saved_loads_small(tmp_path: Path) -> None:
    latents = torch.randn(2, 8, 4, 4).half()
    trained = train_tiny(latents, some_toys(), tmp_path / "tiny.pt", steps=2, batch=2)
    torch.manual_seed(0)
    fresh = new_tiny().state_dict()
    changed = {
        name.split(".")[0] for name, value in trained.state_dict().items() if (value != fresh[name]).any()
    }
    assert changed == {"encoder", "decoder"}
    save_tiny(tmp_path / "tiny", trained)
    loaded = AutoencoderTiny.from_pretrained(tmp_path / "tiny")
    assert loaded.config.scaling_factor == 1
    assert torch.isfinite(loaded.decode(latents.float())[0]).all()
    assert sum(file.stat().st_size for file in (tmp_path / "tiny").iterdir()) < 1.2e6


def test_the_loss_lies_where_the_network_does() -> None:
    loss = loss_at(new_tiny().to("meta"), torch.randn(2, 8, 4, 4), some_toys(), step=0, batch=2)
    assert loss.device.type == "meta"
