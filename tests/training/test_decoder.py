"""The decoder's own training."""

from pathlib import Path

import numpy as np
import torch

from training.autoencoder import encode_all, new_autoencoder
from training.data import ToySet
from training.decoder import train_decoder
from training.description import Description


def test_only_the_decoder_changes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = new_autoencoder()
    pictures = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3), dtype=np.uint8)
    data = ToySet({"picture": [pictures]}, [Description("mug", "red")] * 2)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trained = train_decoder(
        model, encode_all(model, data, 2), data, tmp_path / "decoder.pt", steps=2, batch=2
    )
    changed = {
        name.split(".")[0]
        for name, value in trained.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"decoder", "post_quant_conv"}
