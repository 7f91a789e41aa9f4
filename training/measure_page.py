"""The page of the measured figures, docs/starter.md."""

from training.measure_figures import FIGURES, Figures

BEGIN = """# What the starter set can do

This page is written by `python -m training.evaluate --sheets`, which measures the starter set in
`models/starter` on toys, views and seeds that no training has seen.

What pictures show is told by a judge: a classifier that was trained on renders of toys alone, never on a
generated picture; the first figures say how far it can be trusted. Prompts are plain ("a tall red robot")
unless it is said otherwise. Pictures take 20 steps with the starter's own guidance, those of the fast
edition four steps without any.

Meshes are compared with the toys themselves, by the volume that they share of what either fills
(intersection over union). The true volume of what a generated picture shows is not known: so `iou_pictures`
re-encodes renders through the autoencoder, which leaves them as soft as generated pictures are. A thin part
counts as there where at least half of the points that it alone fills are inside the mesh.

| figure | what it says | value | bar | |
|---|---|---|---|---|
"""
END = """
A figure without a bar is told for comparison.

## Pictures

Every kind in two colours; below them materials, sizes, styles, hats and tables.

![Pictures of every kind in two colours, then of materials, sizes, styles, hats and tables](pictures.png)

## Meshes

Each picture, and the mesh made from it seen from three sides.

![Pictures, each beside the mesh made from it seen from three sides](meshes.png)
"""


def page(figures: Figures) -> str:
    """The page as Markdown: the same figures give the same text."""
    return BEGIN + "".join(line(name, value) for name, value in figures.items()) + END


def line(name: str, value: float) -> str:
    """A row of the table."""
    figure = FIGURES[name]
    return f"| `{name}` | {figure.meaning} | {value:.3f} | {figure.bar} | {figure.verdict(value)} |\n"
