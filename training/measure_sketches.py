"""How well pictures follow sketches: unseen toys, drawn as by hand, cleaned as the application does."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline, StableDiffusionPipeline
from PIL import Image
from scipy.ndimage import binary_fill_holes
from tqdm import tqdm

from models.catalogue import find_card
from pipelines.requests import SketchToImage
from pipelines.scribble import scribble_of
from pipelines.sketch_to_image import leash_of
from training.captions import plain
from training.data import HELD_OUT, Bytes, make_view, to_bytes
from training.judge import Judge, named
from training.outlines import Mask, outline_of, scribbled, silhouette

FIRST_SEED = HELD_OUT + 5000
TREMBLE = 0.5  # of the hand, in shares of what the training draws with
SketchFigures = dict[str, float]


def hold(pipeline: StableDiffusionPipeline, folder: Path) -> StableDiffusionControlNetPipeline:
    """The pipeline with the ControlNet of a folder."""
    control = ControlNetModel.from_pretrained(folder, torch_dtype=pipeline.dtype)
    held: Any = StableDiffusionControlNetPipeline(
        **pipeline.components, controlnet=control, requires_safety_checker=False
    )
    held.set_progress_bar_config(disable=True)
    return held


def sketch_figures(
    held: StableDiffusionControlNetPipeline, judge: Judge, pairs: list[tuple[str, str]]
) -> SketchFigures:
    """Mean IoU of silhouettes and filled outlines, and the share of pictures in the prompt's colour."""
    drawings, insides = zip(*(sketch(n, *pair) for n, pair in enumerate(pairs)), strict=True)
    pictures = np.concatenate(
        [
            follow(held, list(drawings[start : start + 8]), pairs[start : start + 8], start)
            for start in tqdm(range(0, len(pairs), 8), desc="sketches", unit="batch")
        ]
    )
    overlaps = [overlap(filled(p), inside) for p, inside in zip(pictures, insides, strict=True)]
    answers = named(judge, torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255)
    right = [answer[1] == pair[1] for answer, pair in zip(answers, pairs, strict=True)]
    return {"sketch_iou": float(np.mean(overlaps)), "sketch_colour": float(np.mean(right))}


def sketch(index: int, kind: str, colour: str) -> tuple[Image.Image, Mask]:
    """The scribble of an unseen toy drawn by hand, dark on white, and its filled outline."""
    torch.manual_seed(index)
    outline = outline_of(make_view(FIRST_SEED + index, kind, colour).picture)
    rim, inner = (torch.from_numpy(mask)[None, None].float() for mask in (outline.rim, outline.inner))
    drawn = to_bytes(1 - scribbled(rim, inner, TREMBLE)[0, 0].numpy())
    inside: Mask = binary_fill_holes(outline.rim)
    return scribble_of(Image.fromarray(drawn).convert("RGB"), *drawn.shape[::-1]), inside


def follow(
    held: StableDiffusionControlNetPipeline,
    drawings: list[Image.Image],
    pairs: list[tuple[str, str]],
    seed: int,
) -> Bytes:
    """Pictures [N, H, W, 3] of scribbles and plain captions, with the application's own settings."""
    card, leash = find_card("starter-scribble"), leash_of(SketchToImage.model_fields["temperature"].default)
    result = held(
        [plain(kind, colour) for kind, colour in pairs],
        drawings,
        num_inference_steps=card.default_steps,
        guidance_scale=card.default_guidance,
        controlnet_conditioning_scale=leash.scale,
        control_guidance_end=leash.end,
        generator=[torch.Generator().manual_seed(HELD_OUT + seed + n) for n in range(len(pairs))],
        output_type="np",
    )
    return to_bytes(result.images)


def filled(picture: Bytes) -> Mask:
    """Where a picture [H, W, 3] on white shows its object, holes included."""
    inside: Mask = binary_fill_holes(silhouette(picture))
    return inside


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union of masks [H, W]; 1 where both are empty."""
    union = (one | other).sum()
    return float((one & other).sum() / union) if union else 1.0
