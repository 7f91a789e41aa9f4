"""What a visitor draws and fills in to get a picture of a sketch."""

from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.requests import SketchToImage
from pipelines.sketch_to_image import control_card
from ui.events import quiet
from ui.form import NATIVE, model_choices, slider, whole_or_none
from ui.sketch_pad import SketchPad

if TYPE_CHECKING:
    from models.store import ModelStore
    from ui.settings import Settings

_RANDOM = "() => String(Math.floor(Math.random() * 2 ** 32))"


class SketchForm:
    """The fields of the Sketch tab; `fields` in the order in which `request` takes their values."""

    def __init__(self, store: "ModelStore", settings: "Settings") -> None:
        self.store = store
        able = [card.name for card in store.shelf.cards.values() if card.control]
        self.card = store.card(settings.model if settings.model in able else "starter", "image")
        self.pad = SketchPad(settings)
        self.prompt = gr.Textbox(
            label="Prompt", placeholder="What is it?", lines=1, max_lines=4, elem_id="sketch-prompt"
        )
        self.temperature = slider(
            0, 1, SketchToImage.model_fields["temperature"].default, 0.05, "Freedom", "sketch-temperature"
        )
        self.generate = gr.Button(
            "Generate", variant="primary", size="lg", elem_id="sketch-generate", elem_classes=["mq-generate"]
        )
        with gr.Accordion("More settings", open=False, elem_id="sketch-more", elem_classes=["mq-more"]):
            self._folded(store, [choice for choice in model_choices(store, "image") if choice[1] in able])

    @property
    def fields(self) -> list[Any]:
        """The components whose values make a request; the first one's is the paper."""
        return [self.pad.ink, *self.restored[1:], self.seed]

    @property
    def restored(self) -> list[Any]:
        """The components that are filled again after a reload."""
        usual = [self.pad.pane, self.prompt, self.negative, self.temperature, self.steps, self.guidance]
        return [*usual, self.images, self.model, self.width, self.height]

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request that the fields describe, unchecked, the paper as its address."""
        image, prompt, negative, temperature, steps, guidance, images, model, width, height, seed = values
        return {
            "kind": "sketch_to_image",
            "image": image,
            "prompt": prompt,
            "negative_prompt": negative,
            "temperature": temperature,
            "steps": steps,
            "guidance_scale": guidance,
            "num_images": images,
            "model": model,
            "width": whole_or_none(width),
            "height": whole_or_none(height),
            "seed": whole_or_none(seed),
        }

    def restore(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The paper and the fields as they were for an earlier request."""
        steps, guidance = _defaults(self.store, request["model"])
        values = [
            self.pad.restore(request["image"]),
            request["prompt"],
            request["negative_prompt"],
            request["temperature"],
            request["steps"] or steps,
            guidance if request["guidance_scale"] is None else request["guidance_scale"],
            request["num_images"],
            request["model"],
            *("" if request[side] is None else str(request[side]) for side in ("width", "height")),
        ]
        return dict(zip(self.restored, values, strict=True))

    def _folded(self, store: "ModelStore", models: list[tuple[str, str]]) -> None:
        """What is seldom touched."""
        self.negative = gr.Textbox(
            "", label="Negative prompt", placeholder="What to leave out", lines=1, max_lines=4
        )
        steps, guidance = _defaults(store, self.card.name)
        with gr.Row():
            self.steps = slider(1, 150, steps, 1, "Steps", "sketch-steps")
            self.guidance = slider(0, 30, guidance, 0.5, "Guidance", "sketch-guidance")
        with gr.Row():
            self.images = slider(1, 8, 1, 1, "Images", "sketch-images")
            self._seed()
        self.model = gr.Dropdown(models, value=self.card.name, label="Picture model")
        with gr.Row():
            self.width = gr.Textbox(label="Width", placeholder=NATIVE, min_width=100)
            self.height = gr.Textbox(label="Height", placeholder=NATIVE, min_width=100)
        self.mesh_model = gr.Dropdown(model_choices(store, "mesh"), value="starter-mesh", label="Mesh model")
        self.resolution = slider(16, 512, 256, 16, "Mesh detail", "sketch-resolution")
        quiet(self.model.input, partial(_defaults, store), self.model, [self.steps, self.guidance])

    def _seed(self) -> None:
        """The seed: one that stays, so that what follows the drawing keeps its looks, and Generate too."""
        with gr.Column(min_width=130, elem_classes=["mq-seed"]):
            self.seed = gr.Textbox(
                "1", label="Seed", placeholder="random", max_lines=1, elem_id="sketch-seed"
            )
            with gr.Row(elem_classes=["mq-seed-buttons"]):
                dice = gr.Button("Random seed", size="sm", min_width=0, elem_classes=["mq-dice"])
                self.reuse = gr.Button(
                    "Use this seed again", size="sm", min_width=0, elem_classes=["mq-reuse"]
                )
        dice.click(None, None, self.seed, js=_RANDOM, api_visibility="private")


def _defaults(store: "ModelStore", model: str) -> tuple[int, float]:
    """A model's number of steps and guidance for sketches."""
    card = control_card(store.card, model)
    return card.default_steps, card.default_guidance
