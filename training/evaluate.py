"""Measure what ships, on toys and seeds never trained on: `python -m training.evaluate [--sheets]`."""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from models.catalogue import find_card
from models.runtime import pick_runtime
from pipelines.foreground import cut_out, frame
from training.autoencoder import crop, to_signed
from training.captions import plain
from training.data import HELD_OUT, NETWORK_SIZE, Bytes, make_view, to_bytes
from training.export import load_judge
from training.judge import Judge, named
from training.make_starter import REPOSITORY
from training.measure_sketches import hold, sketch_figures
from training.meshes import surface_colour_error, volume_iou
from training.palette import COLOURS
from training.sheets import mesh_sheet, picture_sheet
from training.zoo import KINDS
from tsr import TSR

STARTER = REPOSITORY / "models" / "starter"
PAIRS = list(itertools.product(KINDS, COLOURS))
BARS = {"kind": 0.80, "colour": 0.85, "iou": 0.65, "sketch_iou": 0.75, "sketch_colour": 0.90}
Figures = dict[str, float]


def generate(pipeline: StableDiffusionPipeline, pairs: list[tuple[str, str]], seed: int) -> Bytes:
    """One 20-step picture [N, 256, 256, 3] for each kind and colour, by plain captions."""
    card = find_card("starter")
    found = []
    for start in tqdm(range(0, len(pairs), 8), desc="pictures", unit="batch"):
        some = pairs[start : start + 8]
        generators = [torch.Generator().manual_seed(seed + start + n) for n in range(len(some))]
        result = pipeline(
            [plain(kind, colour) for kind, colour in some],
            num_inference_steps=card.default_steps,
            guidance_scale=card.default_guidance,
            guidance_rescale=card.guidance_rescale,
            generator=generators,
            output_type="np",
        )
        found.append(to_bytes(result.images))
    return np.concatenate(found)


def judged(judge: Judge, pictures: Bytes, pairs: list[tuple[str, str]]) -> tuple[Figures, dict[str, float]]:
    """Share of right kinds and colours, and the share of right kinds within each kind."""
    answers = []
    for start in range(0, len(pictures), 64):
        some = torch.from_numpy(pictures[start : start + 64]).permute(0, 3, 1, 2).float() / 255
        answers += named(judge, some)
    kinds = [answer[0] == pair[0] for answer, pair in zip(answers, pairs, strict=True)]
    colours = [answer[1] == pair[1] for answer, pair in zip(answers, pairs, strict=True)]
    each = {
        kind: float(np.mean([right for right, pair in zip(kinds, pairs, strict=True) if pair[0] == kind]))
        for kind in {pair[0] for pair in pairs}
    }
    return {"kind": float(np.mean(kinds)), "colour": float(np.mean(colours))}, each


def held_out_renders() -> Bytes:
    """A render [240, 256, 256, 3] of an unseen toy for each kind and colour."""
    views = [make_view(HELD_OUT + n, kind, colour) for n, (kind, colour) in enumerate(PAIRS)]
    return np.stack([view.picture for view in views])


@torch.no_grad()
def reconstruction_psnr(pipeline: StableDiffusionPipeline, renders: Bytes, count: int = 48) -> float:
    """Mean PSNR in dB of the autoencoder over crops around unseen toys."""
    rng = np.random.default_rng(0)
    target = to_signed(np.stack([crop(picture, rng) for picture in renders[:: len(renders) // count]]))
    latents = pipeline.vae.encode(target).latent_dist.mean
    result = pipeline.vae.decode(latents).sample.clamp(-1, 1)
    error = ((result - target) / 2).pow(2).mean((1, 2, 3))
    return float((-10 * torch.log10(error)).mean())


def mesh_figures(network: TSR, count: int) -> Figures:
    """Mean volume IoU and surface colour error over unseen toys of every kind."""
    ious, colours = [], []
    kinds = list(KINDS)
    for n in tqdm(range(count), desc="meshes", unit="toy"):
        view = make_view(HELD_OUT + 1000 + n, kinds[n % len(kinds)])
        ious.append(volume_iou(network, view.framed, view.azimuth, view.toy.field.distance))
        colours.append(surface_colour_error(network, view))
    return {
        "iou": float(np.mean(ious)),
        "iou_least": float(np.min(ious)),
        "surface_colour": float(np.mean(colours)),
    }


def frame_as_the_application(picture: NDArray[np.uint8]) -> Bytes:
    """A generated picture as the mesh network gets it."""
    return np.asarray(frame(cut_out(Image.fromarray(picture), "auto"), 0.85, NETWORK_SIZE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sheets", action="store_true", help="also draw docs/pictures.png and docs/meshes.png"
    )
    parser.add_argument("--toys", type=int, default=100, help="unseen toys for the mesh figures")
    parser.add_argument("--every", type=int, default=2, help="sketch each of so many pairs only")
    options = parser.parse_args()
    judge = load_judge()
    pipeline = StableDiffusionPipeline.from_pretrained(STARTER / "pictures", dtype=pick_runtime().dtype)
    pipeline.set_progress_bar_config(disable=True)
    pictures = generate(pipeline, PAIRS, seed=HELD_OUT)
    renders = held_out_renders()
    figures: Figures = {f"judge_{name}": value for name, value in judged(judge, renders, PAIRS)[0].items()}
    if (STARTER / "control").is_dir():
        figures |= sketch_figures(hold(pipeline, STARTER / "control"), judge, PAIRS[:: options.every])
    figures["autoencoder_psnr"] = reconstruction_psnr(pipeline.to(torch.float32), renders)
    shares, by_kind = judged(judge, pictures, PAIRS)
    network = TSR.from_pretrained(STARTER / "meshes")
    figures |= shares | mesh_figures(network, options.toys)
    report(figures, by_kind)
    if options.sheets:
        write_sheets(REPOSITORY / "docs", pictures, network)


def report(figures: Figures, by_kind: dict[str, float]) -> None:
    """Print the figures with their bars, then one line of JSON."""
    for name, value in figures.items():
        bar = BARS.get(name)
        verdict = "" if bar is None else f"  {'reached' if value >= bar else 'MISSED'} {bar:.2f}"
        print(f"{name:18} {value:7.3f}{verdict}")
    print("kinds named right: " + ", ".join(f"{kind} {share:.0%}" for kind, share in sorted(by_kind.items())))
    print(json.dumps(figures))


def write_sheets(docs: Path, pictures: Bytes, network: TSR) -> None:
    """Every kind in six colours, and meshes beside the pictures that they came from."""
    docs.mkdir(exist_ok=True)
    chosen = [n for n in range(len(PAIRS)) if (n % 12 + n // 12) % 2 == 0]
    picture_sheet(pictures[chosen], columns=12).save(docs / "pictures.png", optimize=True)
    each = [pictures[12 * n + (5 * n) % 12] for n in range(len(KINDS))]
    mesh_sheet(network, each, [frame_as_the_application(picture) for picture in each]).save(
        docs / "meshes.png"
    )


if __name__ == "__main__":
    main()
