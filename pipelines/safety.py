"""Pictures that are not for everybody: found by the model's own checker, blurred or blocked, and told."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from models.store import ModelStore
from pipelines.easel import Approach, Check, Preview
from pipelines.events import Event, Note
from pipelines.fetching import fetched
from pipelines.plan import Plan

if TYPE_CHECKING:
    from torch import Tensor

    from models.choices import Safety

BLUR = 1 / 12  # of the longest side
_DONE = {"blur": "blurred", "block": "blanked out"}


@dataclass
class Guard:
    """Looks at every finished picture, and counts what it has found."""

    finds_unsafe: Callable[[Image.Image], bool]
    safety: Safety
    found: int = 0

    def over(self, approach: Approach) -> Approach:
        """The approach whose pictures are looked at before they are kept."""
        return replace(approach, finish=lambda image: self._passed(approach.finish(image)))

    def under(self, preview: Preview) -> Preview:
        """Previews, which nobody can check, so blurred that they show no more than the result may."""

        def draw(latents: Tensor) -> Image.Image:
            return _blurred(preview(latents))

        return draw

    def notes(self) -> Generator[Note]:
        """What was done, and why."""
        if self.found:
            yield Note(
                f"The model's safety checker found {self.found} picture(s) unfit for everybody, so they were "
                f"{_DONE[self.safety]}; it can be wrong. Another seed or prompt may help."
            )

    def _passed(self, image: Image.Image) -> Image.Image:
        """The picture, or what is shown in its place."""
        if not self.finds_unsafe(image):
            return image
        self.found += 1
        return _blurred(image) if self.safety == "blur" else Image.new("RGB", image.size, "grey")


def guard_of(store: ModelStore, plan: Plan, check: Check) -> Generator[Event, None, Guard | None]:
    """The guard that the settings ask for; a model without a checker is told about.

    Raises:
        MaquetteError: MODEL_MISSING without the checker's weights, or whatever `check` raises to cancel.
    """
    safety = store.choices.safety
    if safety == "off":
        return None
    if network := store.checker_of(plan.card.name):
        yield from fetched(store, [network], check)
    checker = store.safety_checker(plan.card.name)
    if checker is None:
        yield Note(f"These pictures are not checked: {plan.card.title} names no safety checker.")
        return None
    return Guard(checker.finds_unsafe, safety)


def _blurred(image: Image.Image) -> Image.Image:
    """A picture of which only the colours are left."""
    return image.filter(ImageFilter.GaussianBlur(max(image.size) * BLUR))
