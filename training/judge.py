"""The judge: a classifier trained on renders alone that names what a picture shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.cases import SIDE
from training.data import Bytes, ToySet, load_shards
from training.description import Description
from training.loop import Plan, train
from training.place import autocast, device, moved, place_of
from training.questions import CHOICES, UNASKED, Answer, labels

SHIFT, TURN, GROWTH = 0.03, 8.0, 0.06  # at most, of the side, in degrees, of the size
CHANGED = 0.5  # share of pictures that are not asked for colours and sizes, for these are changed
FARTHEST = 1.7  # how far away a changed picture's toy may be, of the distance that it was drawn at
STANDING = 3.0  # how much likelier than others is a toy on a table: it is smaller, and kinds are hard to tell
Logits = dict[str, Tensor]  # by question, [B, choices]


def stage(inputs: int, outputs: int) -> nn.Sequential:
    """Two convolutions, the first of which halves the side."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class PartColour(nn.Module):
    """The colour of a kind's second part: attention whose query, and so where it looks, is the kind's own."""

    def __init__(self, fine: int, coarse: int, width: int = 64) -> None:
        super().__init__()
        self.query = nn.Linear(len(CHOICES["kind"]), width)
        self.near = nn.Conv2d(fine, width, 1)
        self.around = nn.Conv2d(coarse, width, 1)
        self.value = nn.Conv2d(fine, width, 1)
        self.colours = nn.Linear(width, len(CHOICES["second"]))

    def forward(self, kind: Tensor, fine: Tensor, coarse: Tensor) -> Tensor:
        """Logits [B, 12] for the kinds' shares [B, K] and features [B, C, H, W] of two stages."""
        keys = self.near(fine) + functional.interpolate(self.around(coarse), fine.shape[2:], mode="bilinear")
        query = self.query(kind).unsqueeze(1)  # [B, 1, width]
        match = (query @ keys.flatten(2)).float() / keys.shape[1] ** 0.5
        seen = match.softmax(2).to(keys.dtype) @ self.value(fine).flatten(2).transpose(1, 2)
        return cast(Tensor, self.colours(seen.squeeze(1)))


class Judge(nn.Module):
    """Five convolution stages; heads read the means of two of them and the last one's whole grid."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(stage(3, 32), stage(32, 64), stage(64, 128))
        self.coarse = nn.Sequential(stage(128, 160), stage(160, 224))
        self.grid = nn.Sequential(nn.Linear(224 * (SIDE // 32) ** 2, 160), nn.ReLU())
        width = 128 + 224 + 160
        self.heads = nn.ModuleDict(
            {name: nn.Linear(width, len(choices)) for name, choices in CHOICES.items() if name != "second"}
        )
        self.second = PartColour(128, 224)

    def forward(self, pictures: Tensor) -> Logits:
        """Logits of every question for pictures [B, 3, H, W] in [0, 1]."""
        small = functional.interpolate(pictures, (SIDE, SIDE), mode="area") - 0.5
        fine = self.fine(small.contiguous(memory_format=torch.channels_last))  # [B, 128, 16, 16]
        coarse = self.coarse(fine)  # [B, 224, 4, 4]
        features = torch.cat([fine.mean((2, 3)), coarse.mean((2, 3)), self.grid(coarse.flatten(1))], 1)
        found = {name: head(features).float() for name, head in self.heads.items()}
        kind = found["kind"].detach().softmax(1)
        return found | {"second": self.second(kind, fine, coarse).float()}


def train_judge(toys: Sequence[Path], file: Path, steps: int, batch: int = 64) -> Judge:
    """Train on renders that are moved, mirrored, and sometimes softened as an autoencoder softens."""
    sets = [load_shards(folder, "picture") for folder in toys]
    small = torch.cat([shrunk(data) for data in sets])
    described = [toy for data in sets for toy in data.toys]
    asked, likely = all_labels(described), likelihood(described)
    torch.manual_seed(0)
    model = Judge().to(device())
    place = place_of(model)
    weights = {name: evening(asked[name], len(choices)).to(place) for name, choices in CHOICES.items()}

    def loss_at(step: int) -> Tensor:
        chosen = torch.multinomial(likely, batch, replacement=True)
        changed = torch.rand(batch) < CHANGED
        said = without_looks({name: of_all[chosen] for name, of_all in asked.items()}, changed)
        seen = disturbed(recoloured(small[chosen].float() / 255, changed), changed)
        pictures, *right = moved(place, seen, *said.values())
        with autocast(place):
            found = model(pictures)
        wrong = [wrongness(found[name], right[n], weights[name]) for n, name in enumerate(CHOICES)]
        return torch.stack(wrong).sum()

    plan = Plan(steps, rate=2e-3, ema=0.99, weight_decay=0.05)
    source = "".join(data.digest for data in sets)
    return cast(Judge, train("judge", file, model, plan, loss_at, source))


def all_labels(toys: Sequence[Description]) -> dict[str, Tensor]:
    """The right choices [N] of each question."""
    rows = [labels(toy) for toy in toys]
    return {name: torch.tensor([row[name] for row in rows]) for name in CHOICES}


def likelihood(toys: Sequence[Description]) -> Tensor:
    """How likely each toy [N] is to be asked for."""
    return torch.tensor([STANDING if toy.extra == "table" else 1.0 for toy in toys])


def evening(asked: Tensor, choices: int) -> Tensor:
    """Weights [choices] by which all choices that occur count alike: rare materials as much as none."""
    counts = torch.bincount(asked[asked != UNASKED], minlength=choices)
    return torch.where(counts > 0, counts.sum() / ((counts > 0).sum() * counts.clamp(min=1)), 0.0)


def wrongness(logits: Tensor, asked: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross entropy over the pictures that are asked this; 0 where none is."""
    total = functional.cross_entropy(logits, asked, weights, ignore_index=UNASKED, reduction="sum")
    return total / weights[asked[asked != UNASKED]].sum().clamp(min=1)


def shrunk(data: ToySet) -> Tensor:
    """All pictures at the judge's size, bytes [N, 3, 128, 128]."""
    found = torch.empty((len(data), 3, SIDE, SIDE), dtype=torch.uint8)
    for start in range(0, len(data), 256):
        indices = np.arange(start, min(start + 256, len(data)))
        pictures = torch.from_numpy(cast(Bytes, data.take("picture", indices))).permute(0, 3, 1, 2).float()
        small = functional.interpolate(pictures, (SIDE, SIDE), mode="area")
        found[start : start + len(indices)] = small.round().byte()
    return found


def recoloured(pictures: Tensor, changed: Tensor) -> Tensor:
    """Pictures [B, 3, S, S], the changed of them [B] with their channels in a random order.

    A kind is no matter of its colours.
    """
    found = pictures.clone()
    for n in changed.nonzero().flatten().tolist():
        found[n] = pictures[n, torch.randperm(3)]
    return found


def without_looks(said: dict[str, Tensor], changed: Tensor) -> dict[str, Tensor]:
    """What is said [B] of pictures, without the colours and sizes of those that were changed [B]."""
    hidden = ("colour", "second", "size")
    return said | {name: said[name].masked_fill(changed, UNASKED) for name in hidden}


def disturbed(pictures: Tensor, changed: Tensor) -> Tensor:
    """Pictures [B, 3, S, S], each moved and turned over white, half of them mirrored; some softened; with
    noise and dimming. The changed of them [B] are seen from farther away."""
    count = len(pictures)
    angle, scale, across, down = (2 * torch.rand(4, count) - 1).unbind()
    angle, scale = torch.deg2rad(TURN * angle), 1 + GROWTH * scale
    scale = scale * torch.where(changed, 1 + (FARTHEST - 1) * torch.rand(count), 1.0)
    mirror = torch.where(torch.rand(count) < 0.5, -scale, scale)
    rows = (
        torch.stack([mirror * angle.cos(), -scale * angle.sin(), 2 * SHIFT * across], 1),
        torch.stack([mirror * angle.sin(), scale * angle.cos(), 2 * SHIFT * down], 1),
    )
    grid = functional.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
    shifted = 1 - functional.grid_sample(1 - pictures, grid, align_corners=False)
    soft = functional.avg_pool2d(shifted, 3, stride=1, padding=1, count_include_pad=False)
    softness, noise, light = torch.rand(3, count, 1, 1, 1).unbind()
    mixed = torch.lerp(shifted, soft, (2 * softness - 1).clamp(min=0))
    noisy = mixed + 0.03 * noise * torch.randn_like(mixed)
    return (noisy * (0.95 + 0.1 * light)).clamp(0, 1)


@torch.no_grad()
def answers(judge: Judge, pictures: Tensor) -> list[Answer]:
    """What the judge takes pictures [B, 3, H, W] in [0, 1] for, seen as they are and mirrored."""
    found: list[Answer] = []
    for some in pictures.split(64):
        plain, mirrored = judge(some), judge(some.flip(3))
        best = {
            name: (logits.softmax(1) + mirrored[name].softmax(1)).argmax(1).tolist()
            for name, logits in plain.items()
        }
        for n in range(len(some)):
            found.append(Answer(**{name: CHOICES[name][best[name][n]] for name in CHOICES}))
    return found
