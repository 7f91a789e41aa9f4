"""The starter's background remover: a small U-Net that rembg runs as a custom U2Net (Qin et al. 2020)."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from training.backdrops import Floats
from training.data import Bytes, ToySet, load_shards
from training.loop import Plan, train
from training.place import autocast, moved, place_of
from training.scenes import example

SIDE = 320  # of the pictures that rembg hands to a U2Net
WORKED = 160  # side at which the network looks at them
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # rembg's
WIDTHS = (24, 40, 64, 80, 96)  # of the levels, 80 down to 5 places a side
UNSEEN = 1_000_000_007  # seed of the backdrops of the evaluation
Remove = Callable[[Image.Image], Image.Image]


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A convolution with its norm, whose scale onnxruntime folds into the weights."""
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Level(nn.Module):
    """Half the size, then a second convolution that adds to what it sees."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.halve, self.add = block(inputs, outputs, stride=2), block(outputs, outputs)

    def forward(self, values: Tensor) -> Tensor:
        half = self.halve(values)
        return cast(Tensor, half + self.add(half))


class Matting(nn.Module):
    """Five levels down and up again; the last gives four pixels for each of its own."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (3, *WIDTHS[:-1])
        self.down = nn.ModuleList(Level(i, o) for i, o in zip(inputs, WIDTHS, strict=True))
        self.up = nn.ModuleList(
            block(deep + own, own) for own, deep in zip(WIDTHS[:-1], WIDTHS[1:], strict=True)
        )
        self.last = nn.Sequential(nn.Conv2d(WIDTHS[0], 4, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits [B, 1, H, W] of the object for pictures [B, 3, H, W] normalised as rembg does.

        Their sides are multiples of 32.
        """
        found, levels = pictures, []
        for down in self.down:
            found = down(found)
            levels.append(found)
        for up, own in zip(reversed(self.up), levels[-2::-1], strict=True):
            larger = functional.interpolate(found, scale_factor=2.0, mode="nearest")
            found = up(torch.cat([larger, own], 1))
        return cast(Tensor, self.last(found))


class Mask(nn.Module):
    """The network as it ships: a mask [1, 1, 320, 320] in [0, 1] whose sure pixels are exactly 0 or 1.

    rembg stretches a mask to the whole range, so a picture without an object would get one made of noise:
    one pixel in a corner then holds the range's end in the object's place.
    """

    corner: Tensor

    def __init__(self, model: Matting) -> None:
        super().__init__()
        self.model = model
        corner = torch.zeros(1, 1, SIDE, SIDE)
        corner[..., 0, 0] = 1
        self.register_buffer("corner", corner)

    def forward(self, pictures: Tensor) -> Tensor:
        logits = self.model(functional.avg_pool2d(pictures, SIDE // WORKED))
        larger = functional.interpolate(logits, (SIDE, SIDE), mode="bilinear")
        sure = (0.5 + 1.2 * (torch.sigmoid(larger) - 0.5)).clamp(0, 1)
        empty = (sure.amax() < 0.5).float()
        full = (sure.amin() > 0.5).float()
        return torch.lerp(sure, empty.expand_as(sure), self.corner * (empty + full))


def train_matting(toys: Path, file: Path, steps: int, batch: int, place: torch.device) -> Matting:
    """Train on the shards' toys before fresh backdrops, and return the average."""
    data = load_shards(toys, "picture", "cover")
    torch.manual_seed(0)
    model = Matting().to(place)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    plan = Plan(steps, rate=3e-3, ema=0.995)

    def loss(step: int) -> Tensor:
        return loss_at(model, data, step, batch)

    return cast(Matting, train("matting", file, model, plan, loss, data.digest))


def loss_at(model: Matting, data: ToySet, step: int, batch: int) -> Tensor:
    """Cross entropy of the mask's pixels, and what its overlap with the true one lacks."""
    place = place_of(model)
    pictures, masks = moved(place, *examples(data, np.random.default_rng(step), batch))
    with autocast(place):
        logits = model(pictures.contiguous(memory_format=torch.channels_last)).float()
    return functional.binary_cross_entropy_with_logits(logits, masks) + lacking(torch.sigmoid(logits), masks)


def lacking(found: Tensor, truth: Tensor) -> Tensor:
    """1 less the mean soft intersection over union of masks [B, 1, H, W] in [0, 1]; 0 for two empty ones."""
    both = (found * truth).sum((1, 2, 3))
    either = (found + truth).sum((1, 2, 3)) - both
    return 1 - ((both + 1) / (either + 1)).mean()


def examples(data: ToySet, rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor]:
    """Normalised pictures [count, 3, 160, 160] and their masks [count, 1, 160, 160]."""
    chosen = rng.integers(0, len(data), count)
    toys = zip(data.take("picture", chosen), data.take("cover", chosen), strict=True)
    made = [example(cast(Bytes, picture), cast(Bytes, cover), rng, WORKED) for picture, cover in toys]
    pictures = np.stack([normalised(picture) for picture, _ in made])
    return torch.from_numpy(pictures), torch.from_numpy(np.stack([mask for _, mask in made])[:, None])


def normalised(picture: Floats) -> Floats:
    """A picture [H, W, 3] in [0, 1] as rembg hands it on: [3, H, W], its brightest value brought to 1."""
    brightest = max(float(picture.max()), 1e-6)
    found = (picture / brightest - np.array(MEAN)) / np.array(DEVIATION)
    result: Floats = found.transpose(2, 0, 1).astype(np.float32)
    return result


def export_matting(model: Matting, file: Path) -> None:
    """The network as an ONNX file for rembg's `u2net_custom` session."""
    whole = Mask(model).to("cpu", torch.float32).eval()
    whole.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # torch's stubs lack it
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        whole,
        (torch.zeros(1, 3, SIDE, SIDE),),
        str(file),
        input_names=["picture"],
        output_names=["mask"],
        opset_version=17,
        dynamo=False,  # the newer exporter needs onnxscript
    )


def mask_iou(remove: Remove, data: ToySet, count: int) -> float:
    """Mean intersection over union of an RGB -> RGBA remover, for toys before backdrops never trained on."""
    shares = []
    for n in range(count):
        rng = np.random.default_rng(UNSEEN + n)
        toy = np.array([n % len(data)])
        picture, cover = data.take("picture", toy)[0], data.take("cover", toy)[0]
        seen, mask = example(cast(Bytes, picture), cast(Bytes, cover), rng, SIDE)
        if (mask > 0.5).any():
            cut = remove(Image.fromarray((seen * 255 + 0.5).astype(np.uint8)))
            shares.append(overlap(np.asarray(cut.getchannel("A")) > 127, mask > 0.5))
    return float(np.mean(shares))


def overlap(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks."""
    return float((found & truth).sum() / (found | truth).sum())
