"""The figures by which a starter set is judged: what each of them says, and the bar that it must reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Figures = dict[str, float]
WORST = 6  # of the kinds are named


@dataclass(frozen=True)
class Figure:
    """What a figure says; `least` or `most` is its bar, and one without either is only told."""

    meaning: str
    least: float | None = None
    most: float | None = None

    @property
    def bar(self) -> str:
        """The bar in words, "" where there is none."""
        if self.least is not None:
            return f">= {self.least:.2f}"
        return f"<= {self.most:.2f}" if self.most is not None else ""

    def verdict(self, value: float) -> str:
        """Whether a value is good enough, "" without a bar; one that is no number is not."""
        if not self.bar:
            return ""
        enough = self.least is None or value >= self.least
        return "reached" if enough and (self.most is None or value <= self.most) else "MISSED"


FIGURES: dict[str, Figure] = {
    "judge_kind": Figure("the judge names the kind of unseen renders", least=0.99),
    "judge_colour": Figure("the judge names their main colour", least=0.95),
    "judge_second": Figure("the judge names the colour of their second part", least=0.85),
    "judge_material": Figure("the judge names their material", least=0.85),
    "judge_size": Figure("the judge names their size", least=0.85),
    "judge_style": Figure("the judge names their style", least=0.85),
    "autoencoder_psnr": Figure("PSNR in dB of the autoencoder around plain unseen toys", least=31.0),
    "autoencoder_psnr_any": Figure("the same for toys of any material, size and style"),
    "kind": Figure("pictures show the kind that the prompt names, all kinds in all colours", least=0.95),
    "colour": Figure("the same pictures have the colour that it names", least=0.95),
    "second": Figure("the part that it names has the second colour that it names", least=0.85),
    "material": Figure("pictures show the material that the prompt names", least=0.80),
    "size": Figure("pictures show the size that it names", least=0.80),
    "style": Figure("pictures have the style that it names", least=0.80),
    "kind_as_typed": Figure("the kind is right for synonyms, plurals and other wordings", least=0.90),
    "unknown_word": Figure(
        "the kind is right with words in the prompt that were never trained on", least=0.90
    ),
    "diversity": Figure(
        "how far two pictures of one prompt lie apart, of what two toys of that kind and colour do", least=0.5
    ),
    "kind_at_guidance_1": Figure("the kind is right without guidance"),
    "kind_at_guidance_3": Figure("the kind is right at guidance 3"),
    "kind_at_guidance_7": Figure("the kind is right at guidance 7"),
    "saturation_gained": Figure("saturation at guidance 7, of that without guidance", least=1.0),
    "avoided_colours_before": Figure("pictures in the colour that their kind tends to, none being named"),
    "avoided_colours_left": Figure("share of these that stay with that colour as negative prompt", most=0.7),
    "fast_kind": Figure("the kind is right after four steps of the fast edition", least=0.90),
    "fast_colour": Figure("the colour is right after four steps", least=0.90),
    "tiny_psnr": Figure("PSNR in dB of the sharp previews against the finished pictures"),
    "linear_psnr": Figure("PSNR in dB of the plain previews"),
    "tiny_error": Figure("squared error of the sharp previews, of that of the plain ones", most=0.5),
    "iou": Figure("volume that mesh and toy share, from renders of unseen toys of all sorts", least=0.85),
    "iou_least": Figure("the same for the worst of these toys"),
    "surface_colour": Figure("mean error of the colour at the surface, of full scale", most=0.08),
    "iou_pictures": Figure("the same volume from renders re-encoded through the autoencoder", least=0.78),
    "iou_front": Figure("the same from in front, plain toys", least=0.80),
    "iou_three_quarter": Figure("the same from 45 degrees to the side and 20 above", least=0.80),
    "iou_high": Figure("the same from 20 degrees to the side and 40 above", least=0.80),
    "iou_flat": Figure("the same from renders cut out of backgrounds of any flat colour", least=0.80),
    "thin_parts": Figure("thin parts of plain toys that the mesh has, hidden ones too", least=0.90),
    "mask_iou": Figure("overlap of mask and toy before unseen backdrops, through rembg", least=0.95),
    "sketch_iou": Figure("overlap of picture and drawn outline", least=0.75),
    "sketch_colour": Figure("pictures of sketches have the colour of the prompt", least=0.90),
}


def row(name: str, value: float) -> str:
    """One line of the table: figure, value, bar, and whether that is reached."""
    figure = FIGURES[name]
    return f"{name:24} {value:8.3f}  {figure.bar:8} {figure.verdict(value)}".rstrip()


def missed(figures: Figures) -> list[str]:
    """The figures that do not reach their bars."""
    return [name for name, value in figures.items() if FIGURES[name].verdict(value) == "MISSED"]


def worst(values: Mapping[str, Sequence[float]]) -> str:
    """The kinds of the least mean values, the worst first."""
    means = {kind: sum(each) / len(each) for kind, each in values.items()}
    least = sorted(means, key=lambda kind: (means[kind], kind))[:WORST]
    return ", ".join(f"{kind} {means[kind]:.2f}" for kind in least)
