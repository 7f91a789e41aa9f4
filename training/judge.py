"""The judge: a classifier trained on renders alone that names a picture's kind and main colour."""

from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.data import Bytes, ToySet, load_shards
from training.loop import Plan, train
from training.palette import COLOURS
from training.zoo import KINDS

SIDE = 64
KIND_NAMES, COLOUR_NAMES = list(KINDS), list(COLOURS)


class Judge(nn.Module):
    """Four strided convolution stages, mean pooled, with a head for kinds and one for colours."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 32, 64, 128, 192)
        stages: list[nn.Module] = []
        for inputs, outputs in zip(widths, widths[1:], strict=False):
            stages += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
            stages += [nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
        self.body = nn.Sequential(*stages)
        self.kinds = nn.Linear(widths[-1] * 16, len(KIND_NAMES))
        self.colours = nn.Linear(widths[-1], len(COLOUR_NAMES))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of kinds [B, K] and colours [B, 12] for pictures [B, 3, H, W] in [0, 1]."""
        features = self.body(functional.interpolate(pictures, (SIDE, SIDE), mode="area") - 0.5)
        return self.kinds(features.flatten(1)), self.colours(features.mean((2, 3)))


def train_judge(toys: Path, file: Path, steps: int, batch: int = 64) -> Judge:
    """Train on renders that are shifted, and sometimes softened as an autoencoder softens."""
    data = load_shards(toys, "picture")
    small = shrunk(data)
    kinds = torch.tensor([KIND_NAMES.index(toy[1]) for toy in data.toys])
    colours = torch.tensor([COLOUR_NAMES.index(toy[2]) for toy in data.toys])
    torch.manual_seed(0)
    model = Judge()

    def loss_at(step: int) -> Tensor:
        chosen = torch.randint(0, len(small), (batch,))
        pictures = disturbed(small[chosen].float() / 255)
        kind, colour = model(pictures)
        return functional.cross_entropy(kind, kinds[chosen]) + functional.cross_entropy(
            colour, colours[chosen]
        )

    return cast(Judge, train("judge", file, model, Plan(steps, rate=1e-3, ema=0.99), loss_at))


def shrunk(data: ToySet) -> Tensor:
    """All pictures at the judge's size, bytes [N, 3, 64, 64]."""
    found = []
    for start in range(0, len(data), 256):
        indices = np.arange(start, min(start + 256, len(data)))
        pictures = torch.from_numpy(cast(Bytes, data.take("picture", indices))).permute(0, 3, 1, 2).float()
        found.append(functional.interpolate(pictures, (SIDE, SIDE), mode="area").round().byte())
    return torch.cat(found)


def disturbed(pictures: Tensor) -> Tensor:
    """Shifted by up to 4 pixels over white; half of the batches softened, with a little noise."""
    dx, dy = torch.randint(-4, 5, (2,)).tolist()
    pictures = torch.roll(pictures, (dy, dx), (2, 3))
    if torch.rand(()) < 0.5:
        soft = functional.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
        pictures = torch.lerp(pictures, soft, float(torch.rand(())))
    return (pictures + 0.02 * torch.rand(()) * torch.randn_like(pictures)).clamp(0, 1)


@torch.no_grad()
def named(judge: Judge, pictures: Tensor) -> list[tuple[str, str]]:
    """(kind, colour) of each picture [B, 3, H, W] in [0, 1]."""
    kind, colour = judge(pictures)
    pairs = zip(kind.argmax(1).tolist(), colour.argmax(1).tolist(), strict=True)
    return [(KIND_NAMES[k], COLOUR_NAMES[c]) for k, c in pairs]
