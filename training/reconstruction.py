"""How the mesh network learns the toys' own distances and colours, while its eyes' lessons go on."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from training.data import ToySet
from training.eyes import Eyes, Lessons, lesson_loss
from training.loop import Plan, train
from training.meshes import examples, field_loss, load_views, new_mesh_network
from training.place import autocast, batch_for, device, fuse, place_of
from tsr import TSR

MATRICES = ("network.image_tokenizer.model.encoder", "network.backbone.transformer_blocks")
LESSONS = 0.5  # weight of the lessons: through five layers alone the tokenizer hears little of angles
EVERY = 6  # of so many points the lessons ask one


class Pupil(nn.Module):
    """The mesh network, and what asks its image tokenizer."""

    def __init__(self) -> None:
        super().__init__()
        self.network = new_mesh_network()
        self.lessons = Lessons(self.network.config.vit_hidden)


def train_meshes(
    toys: Sequence[Path], file: Path, steps: int, eyes: Eyes | None = None, batch: int = 8
) -> TSR:
    """Train on pictures framed as the application frames them, and return the averaged network.

    `eyes` have had lessons of their own.
    """
    data = load_views(toys)
    torch.manual_seed(0)
    model = Pupil()
    if eyes:
        model.network.image_tokenizer.load_state_dict(eyes.image_tokenizer.state_dict())
        model.lessons.load_state_dict(eyes.lessons.state_dict())
    model.to(device())
    for part in (model.network.image_tokenizer, model.network.backbone, model.network.decoder):
        fuse(part, steps)
    batch = batch_for(place_of(model), batch)
    plan = Plan(steps, rate=5e-4, ema=0.998, matrices=MATRICES, matrix_rate=0.01)
    average = train("meshes", file, model, plan, lambda step: loss_at(model, data, step, batch), data.digest)
    return cast(Pupil, average).network


def loss_at(model: Pupil, data: ToySet, step: int, batch: int) -> Tensor:
    """Error of raw density and colour at random points of one batch of toys, and of the lessons."""
    network, place = model.network, place_of(model)
    seen = examples(data, np.random.default_rng(step), batch, place)
    with autocast(place):
        tokens = network.image_tokenizer(seen.pictures)
        codes = network.encode_tokens(tokens)
    field = network.query_batch(codes.float(), seen.points)
    wrong = field_loss(field.raw_density.squeeze(-1), field.raw_color, seen.distance, seen.colour)
    return wrong + LESSONS * lesson_loss(model.lessons, tokens, seen.thinned(EVERY))
