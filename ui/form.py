"""What a visitor fills in to get a picture."""

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from models.catalogue import ModelCard
from models.missing import megabytes
from ui.events import quiet
from ui.sliders import LIVE
from ui.style_fields import StyleFields

if TYPE_CHECKING:
    from models.store import ModelStore
    from ui.settings import Settings

EXAMPLES = (
    "a red mushroom",
    "a blue robot",
    "a yellow rocket",
    "a green teapot",
    "a white castle",
    "a pink donut",
)
NATIVE = "model's own"
_RANDOM = "() => ''"


class DrawingForm(Protocol):
    """What a tab that draws needs of its form."""

    prompt: Any
    generate: Any
    seed: Any
    reuse: Any
    mesh_model: Any
    resolution: Any

    @property
    def fields(self) -> list[Any]:
        """The components whose values make a request."""

    @property
    def restored(self) -> list[Any]:
        """The components that are filled again after a reload."""

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request that the fields describe, unchecked."""

    def restore(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The fields as they were for an earlier request."""


class PromptForm:
    """The fields of the Prompt tab; `fields` in the order in which `request` takes their values."""

    def __init__(self, store: "ModelStore", settings: "Settings") -> None:
        self.store = store
        card = store.card(settings.model, "image")
        self.prompt = gr.Textbox(
            label="Prompt",
            placeholder="What shall it be?",
            lines=1,
            max_lines=8,
            autofocus=True,
            elem_id="prompt",
            elem_classes=["mq-prompt"],
        )
        self._examples()
        self.negative = gr.Textbox(
            label="Negative prompt", placeholder="What to leave out", lines=1, max_lines=4, elem_id="negative"
        )
        self._usual(card)
        self.generate = gr.Button(
            "Generate", variant="primary", size="lg", elem_id="generate", elem_classes=["mq-generate"]
        )
        self._folded(store, card)
        quiet(
            self.model.input, partial(_defaults, store), self.model, [self.steps, self.guidance, self.capture]
        )

    @property
    def fields(self) -> list[Any]:
        """The components whose values make a request."""
        return [*self.restored, self.seed]

    @property
    def restored(self) -> list[Any]:
        """The components that are filled again after a reload."""
        usual = [self.prompt, self.negative, self.steps, self.guidance, self.images]
        return [*usual, self.model, self.width, self.height, self.capture, *self.style.components]

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request that the fields describe, unchecked."""
        prompt, negative, steps, guidance, images, model, width, height, capture, *style, seed = values
        return {
            "kind": "text_to_image",
            "prompt": prompt,
            "negative_prompt": negative,
            "steps": steps,
            "guidance_scale": guidance,
            "num_images": images,
            "model": model,
            "width": whole_or_none(width),
            "height": whole_or_none(height),
            "capture_steps": _whole_numbers(capture),
            "seed": whole_or_none(seed),
            **self.style.request(tuple(style)),
        }

    def restore(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The fields as they were for an earlier request; the seed stays random."""
        card = self.store.shelf.cards.get(request["model"], self.store.card("starter"))
        kept = request.get("capture_steps") or []
        values = [
            request["prompt"],
            request["negative_prompt"],
            card.default_steps if request["steps"] is None else request["steps"],
            card.default_guidance if request["guidance_scale"] is None else request["guidance_scale"],
            request["num_images"],
            request["model"],
            *("" if request[side] is None else str(request[side]) for side in ("width", "height")),
            ", ".join(str(step) for step in kept),
            *self.style.restore(request),
        ]
        return dict(zip(self.restored, values, strict=True))

    def _examples(self) -> None:
        """Prompts to start from."""
        with gr.Row(elem_classes=["mq-chips"]):
            for text in EXAMPLES:
                chip = gr.Button(text, size="sm", elem_classes=["mq-chip"], min_width=0)
                chip.click(None, None, self.prompt, js=f"() => {text!r}", api_visibility="private")

    def _usual(self, card: ModelCard) -> None:
        """The short row of usual settings."""
        with gr.Row(elem_classes=["mq-usual"]):
            self.steps = gr.Slider(
                1, 150, card.default_steps, step=1, label="Steps", min_width=130, elem_id="steps"
            )
            self.guidance = gr.Slider(
                0, 30, card.default_guidance, step=0.5, label="Guidance", min_width=130, elem_id="guidance"
            )
        with gr.Row(elem_classes=["mq-usual"]):
            self.images = slider(1, 8, 1, 1, "Images", "images")
            with gr.Column(min_width=130, elem_classes=["mq-seed"]):
                self.seed = gr.Textbox(label="Seed", placeholder="random", max_lines=1, elem_id="seed")
                with gr.Row(elem_classes=["mq-seed-buttons"]):
                    self.dice = gr.Button(
                        "Random seed", size="sm", min_width=0, elem_id="dice", elem_classes=["mq-dice"]
                    )
                    self.reuse = gr.Button(
                        "Use this seed again",
                        size="sm",
                        min_width=0,
                        elem_id="reuse",
                        elem_classes=["mq-reuse"],
                    )
        self.dice.click(None, None, self.seed, js=_RANDOM, api_visibility="private")

    def _folded(self, store: "ModelStore", card: ModelCard) -> None:
        """The rest."""
        with gr.Accordion("More settings", open=False, elem_id="more", elem_classes=["mq-more"]):
            self.model = gr.Dropdown(model_choices(store, "image"), value=card.name, label="Picture model")
            with gr.Row():
                self.width = gr.Textbox(label="Width", placeholder=NATIVE, min_width=100, elem_id="width")
                self.height = gr.Textbox(label="Height", placeholder=NATIVE, min_width=100, elem_id="height")
            self.capture = gr.Textbox(
                label="Keep pictures of steps", placeholder=_quarters(card.default_steps), elem_id="capture"
            )
            self.style = StyleFields(store, "prompt")
            self.mesh_model = gr.Dropdown(
                model_choices(store, "mesh"), value="starter-mesh", label="Mesh model"
            )
            self.resolution = slider(16, 512, 256, 16, "Mesh detail", "resolution")


def slider(
    low: float, high: float, value: float, step: float, label: str, elem_id: str, *, live: bool = False
) -> gr.Slider:
    """A slider narrow enough for two in a row on a phone; a live one tells when a change has settled."""
    classes = [LIVE] if live else None
    return gr.Slider(
        low, high, value, step=step, label=label, min_width=130, elem_id=elem_id, elem_classes=classes
    )


def model_choices(store: "ModelStore", task: str) -> list[tuple[str, str]]:
    """The models of a task, with the size of those to download; the Models tab tells which are here."""
    cards = [card for card in store.shelf.cards.values() if card.task == task]
    return [
        (c.title if c.shipped or not c.size_bytes else f"{c.title} ({megabytes(c.size_bytes)})", c.name)
        for c in cards
    ]


def number_or_none(text: Any) -> Any:
    """'80.5' as 80.5, '7' as 7 and nothing as None; the rest is left for the request's check to name."""
    if isinstance(text, str) and re.fullmatch(r"\s*\d{1,9}\.\d{1,9}\s*", text):
        return float(text)
    return whole_or_none(text)


def _defaults(store: "ModelStore", model: str) -> tuple[int, float, Any]:
    """A model's own number of steps and guidance, and steps that are among them."""
    card = store.card(model, "image")
    return card.default_steps, card.default_guidance, gr.update(placeholder=_quarters(card.default_steps))


def _quarters(steps: int) -> str:
    """Four steps to keep pictures of: 5, 10, 15, 20 of 20."""
    return ", ".join(str(step) for step in sorted({max(1, steps * n // 4) for n in range(1, 5)}))


def _whole_numbers(text: Any) -> Any:
    """'5, 10' as [5, 10]; what is no number is left for the request's check to name."""
    if not isinstance(text, str):
        return text
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    return [whole_or_none(part) for part in parts] if parts else None


def whole_or_none(text: Any) -> Any:
    """'7' as 7 and nothing as None; what is no number is left for the request's check to name."""
    if not isinstance(text, str):
        return text
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text) else text.strip() or None
