"""How well pictures follow sketches: unseen toys, drawn as by hand, cleaned as the application does."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from diffusers import StableDiffusionControlNetPipeline
from PIL import Image
from scipy.ndimage import binary_fill_holes
from tqdm import tqdm

from models.catalogue import find_card
from pipelines.requests import SketchToImage
from pipelines.scribble import scribble_of
from pipelines.sketch_to_image import leash_of
from training.captions import plain
from training.data import HELD_OUT, Bytes, make_view, to_bytes
from training.description import Description
from training.measure_figures import Figures
from training.measure_pictures import BATCH, pairs
from training.measure_starter import Ask
from training.outlines import Mask, outline_of, scribbled, silhouette
from training.questions import shares

FIRST_SEED = HELD_OUT + 5000
TREMBLE = 0.5  # of the hand, in shares of what the training draws with
Follow = Callable[[list[Image.Image], Sequence[Description], int], Bytes]


def sketch_figures(follow: Follow, ask: Ask, toys: Sequence[Description] | None = None) -> Figures:
    """Mean IoU of silhouettes and filled outlines, and the share of pictures in the prompt's colour."""
    toys = pairs(96) if toys is None else toys
    drawings, insides = zip(*(sketch(n, toy) for n, toy in enumerate(toys)), strict=True)
    pictures = np.concatenate(
        [
            follow(list(drawings[start : start + BATCH]), toys[start : start + BATCH], start)
            for start in tqdm(range(0, len(toys), BATCH), desc="sketches", unit="batch", mininterval=5)
        ]
    )
    overlaps = [overlap(filled(p), inside) for p, inside in zip(pictures, insides, strict=True)]
    return {
        "sketch_iou": float(np.mean(overlaps)),
        "sketch_colour": shares(ask(pictures), toys)["colour"],
    }


def sketch(index: int, toy: Description) -> tuple[Image.Image, Mask]:
    """The scribble of an unseen toy drawn by hand, dark on white, and its filled outline."""
    torch.manual_seed(index)
    outline = outline_of(make_view(FIRST_SEED + index, toy).picture)
    rim, inner = (torch.from_numpy(mask)[None, None].float() for mask in (outline.rim, outline.inner))
    drawn = to_bytes(1 - scribbled(rim, inner, TREMBLE)[0, 0].numpy())
    inside: Mask = binary_fill_holes(outline.rim)
    return scribble_of(Image.fromarray(drawn).convert("RGB"), *drawn.shape[::-1]), inside


def follower(held: StableDiffusionControlNetPipeline) -> Follow:
    """Pictures [N, H, W, 3] of scribbles and plain captions, with the application's own settings."""
    card, leash = find_card("starter-scribble"), leash_of(SketchToImage.model_fields["temperature"].default)

    def follow(drawings: list[Image.Image], toys: Sequence[Description], seed: int) -> Bytes:
        result = held(
            [plain(toy) for toy in toys],
            drawings,
            num_inference_steps=card.default_steps,
            guidance_scale=card.default_guidance,
            controlnet_conditioning_scale=leash.scale,
            control_guidance_end=leash.end,
            generator=[torch.Generator().manual_seed(HELD_OUT + seed + n) for n in range(len(toys))],
            output_type="np",
        )
        return to_bytes(result.images)

    return follow


def filled(picture: Bytes) -> Mask:
    """Where a picture [H, W, 3] on white shows its object, holes included."""
    inside: Mask = binary_fill_holes(silhouette(picture))
    return inside


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union of masks [H, W]; 1 where both are empty."""
    union = (one | other).sum()
    return float((one & other).sum() / union) if union else 1.0
