"""Measure what ships, on toys and seeds never trained on: `python -m training.evaluate [--sheets]`.

Prints each figure with its bar, then all of them as one line of JSON; exits with 1 where a bar is missed, or
where weights are not there.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch

from models.errors import UnreadableFile
from pipelines.previews import TinyDecoder, colours_of
from training.export import OtherJudge, judge_beside
from training.make_starter import REPOSITORY
from training.measure_autoencoder import autoencoder_figures, coded, preview_figures
from training.measure_background import background_figures
from training.measure_figures import Figures, missed, row
from training.measure_guidance import diversity_figures, guidance_figures, negative_figures
from training.measure_judge import judge_figures
from training.measure_meshes import mesh_figures
from training.measure_page import page
from training.measure_pictures import Paint, fast_brush, fast_figures, picture_figures, usual_brush
from training.measure_sketches import follower, sketch_figures
from training.measure_starter import MissingWeights, Starter
from training.measure_thin import thin_figures
from training.measure_words import word_figures
from training.sheets import draw_meshes, draw_pictures

Part = Callable[[Starter], Figures]
DrawSheets = Callable[[Path, Starter], None]


def paint(starter: Starter) -> Paint:
    return usual_brush(starter.pipeline)


def measure_tiny(starter: Starter) -> Figures:
    """Both sorts of previews, as the page shows them."""
    pipeline = starter.pipeline
    return preview_figures(pipeline.vae, TinyDecoder(starter.tiny).draw, colours_of(pipeline).draw)


PARTS: dict[str, Part] = {
    "judge": lambda starter: judge_figures(starter.judge),
    "autoencoder": lambda starter: autoencoder_figures(starter.pipeline.vae),
    "pictures": lambda starter: picture_figures(paint(starter), starter.judge),
    "words": lambda starter: word_figures(paint(starter), starter.judge),
    "diversity": lambda starter: diversity_figures(paint(starter)),
    "guidance": lambda starter: guidance_figures(paint(starter), starter.judge),
    "negatives": lambda starter: negative_figures(paint(starter), starter.judge),
    "fast": lambda starter: fast_figures(fast_brush(starter.fast), starter.judge),
    "tiny": measure_tiny,
    "meshes": lambda starter: mesh_figures(starter.network, partial(coded, starter.pipeline.vae)),
    "thin": lambda starter: thin_figures(starter.network),
    "background": lambda starter: background_figures(starter.remove),
    "sketches": lambda starter: sketch_figures(follower(starter.held), starter.judge),
}


@torch.no_grad()
def measure(parts: Mapping[str, Part], starter: Starter) -> tuple[Figures, list[str]]:
    """The figures of all parts, printed as they come, and what is not there to be measured."""
    figures: Figures = {}
    lacking = []
    for name, part in parts.items():
        try:
            found = part(starter)
        except (MissingWeights, OtherJudge, UnreadableFile) as error:
            lacking.append(f"{name}: {error}")
            continue
        for figure, value in found.items():
            print(row(figure, value), flush=True)
        figures |= found
    return figures, lacking


@torch.no_grad()
def draw_sheets(docs: Path, starter: Starter) -> None:
    """docs/pictures.png and docs/meshes.png."""
    draw_pictures(paint(starter)).save(docs / "pictures.png", optimize=True)
    draw_meshes(paint(starter), starter.network).save(docs / "meshes.png", optimize=True)


def main(
    arguments: Sequence[str] | None = None,
    parts: Mapping[str, Part] = PARTS,
    docs: Path = REPOSITORY / "docs",
    draw: DrawSheets = draw_sheets,
) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument(
        "--starter", type=Path, default=REPOSITORY / "models" / "starter", help="what is measured"
    )
    parser.add_argument("--only", nargs="+", choices=list(parts), metavar="PART", help=", ".join(parts))
    parser.add_argument("--sheets", action="store_true", help="also write docs/starter.md and its pictures")
    options = parser.parse_args(arguments)
    if options.sheets and options.only:
        parser.error("--sheets shows all figures: leave --only out")
    starter = Starter(options.starter, judge_beside(options.starter))
    chosen = {name: part for name, part in parts.items() if name in (options.only or parts)}
    figures, lacking = measure(chosen, starter)
    for text in lacking:
        print(f"not measured, {text}", file=sys.stderr)
    if options.sheets and lacking:
        print("no sheets are written, for figures are missing", file=sys.stderr)
    elif options.sheets:
        docs.mkdir(exist_ok=True)
        draw(docs, starter)
        (docs / "starter.md").write_text(page(figures), encoding="utf-8")
    print(json.dumps(figures))
    return 1 if lacking or missed(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
