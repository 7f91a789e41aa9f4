"""A picture that follows a drawing: few steps, at once, in between the steps of whatever job runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.conditioning import Conditions, conditioned, find_conditions
from pipelines.decoding import decode
from pipelines.plan import Plan, start
from pipelines.requests import Sketching
from pipelines.sampling import sampling
from pipelines.sketch_to_image import FromSketch, control_card, leash_of, plan_sketch

if TYPE_CHECKING:
    from PIL import Image

    from models.card import ModelCard
    from models.store import ModelStore

STEPS = 4
QUICK_STEPS = 4  # a model that needs no more than these by itself is quick enough
ALIKE = 0.015  # share of the lines' pixels that may differ before a drawing counts as another


@dataclass
class Follower:
    """What the last picture of one canvas was drawn from."""

    lines: Any = None  # [H, W] of truth values
    words: Any = None

    def news(self, scribble: Image.Image, request: Sketching) -> bool:
        """Whether a drawing or its words differ visibly from the last ones, which these are from now on."""
        lines = np.asarray(scribble.convert("L")) > 127
        words = request.model_dump()
        if words == self.words and not _differ(lines, self.lines):
            return False
        self.lines, self.words = lines, words
        return True

    def forget(self) -> bool:
        """Nothing is drawn any more; whether something was."""
        drawn = self.lines is not None
        self.lines = self.words = None
        return drawn


class LiveSketch:
    """Draws in torch's thread, ahead of what waits there; a running job pauses for it between two steps."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store

    def follows(self, model: str) -> bool:
        """Whether a model is quick enough, and here."""
        card = self._painter(model)
        if not card.control or not (card.shipped or card.default_steps <= QUICK_STEPS):
            return False
        return all(self._store.state(name) != "missing" for name in (card.name, card.control))

    def side(self, request: Sketching) -> int:
        """The side in pixels of the scribble that a picture is held to."""
        return self._painter(request.model).native_size

    def draw(self, request: Sketching, scribble: Image.Image) -> Image.Image:
        """One picture of a scribble of the plan's size, in few steps.

        Raises:
            MaquetteError: BAD_REQUEST for a model or LoRA that cannot, MODEL_MISSING without its weights.
        """
        plan = plan_sketch(self._store.card, self._quickly(request), 1)
        pipeline = self._store.image_pipeline(plan.card.name)
        control = self._store.control_model(control_card(self._store.card, plan.card.name).name)
        approach = FromSketch(control, scribble, leash_of(request.temperature))
        conditions = find_conditions(self._store, request)
        return self._store.thread.urge(_paint, pipeline, plan, approach, conditions).result()

    def _quickly(self, request: Sketching) -> Sketching:
        """The same wish in few steps; a model in the chosen one's place has its own, and its guidance.

        LoRAs were made for the chosen one: the other may lack layers that they change.
        """
        card = self._painter(request.model)
        if request.loras or card.name == request.model:
            return request.model_copy(update={"steps": STEPS})
        own = {"steps": card.default_steps, "guidance_scale": card.default_guidance, "scheduler": None}
        return request.model_copy(update={"model": card.name, **own})

    def _painter(self, model: str) -> ModelCard:
        """The quick model that a model names for this, where that is here, else the model itself."""
        card = self._store.card(model, "image")
        if not card.live or self._store.state(card.live) == "missing":
            return card
        return self._store.card(card.live, "image")


def _paint(pipeline: Any, plan: Plan, approach: FromSketch, conditions: Conditions) -> Image.Image:
    """All steps and the decoding, without a word in between."""
    import torch

    with (
        conditioned(pipeline, conditions, plan.guidance_scale > 1) as words,
        torch.inference_mode(),
        sampling(pipeline, plan.request.scheduler, plan.seeds, plan.steps),
    ):
        noise, generators = start(pipeline, plan.seeds, plan.width, plan.height)
        call = approach.begin(pipeline, plan, noise)
        latents = call.pipeline(
            num_inference_steps=plan.steps,
            guidance_scale=plan.guidance_scale,
            generator=generators,
            output_type="latent",
            **words,
            **call.arguments,
        ).images
        return decode(pipeline, latents)[0]


def _differ(lines: Any, before: Any) -> bool:
    """Whether lines [H, W] cover other places than those before."""
    if before is None or before.shape != lines.shape:
        return True
    return bool((lines ^ before).sum() > ALIKE * (lines | before).sum())
