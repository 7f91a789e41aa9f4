"""What a visitor fills in to get a picture of words."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from ui.drawing_form import DrawingForm, model_choices
from ui.events import quiet
from ui.numbers import whole_numbers

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


class PromptForm(DrawingForm):
    """The fields of the Prompt tab."""

    name = ""

    def __init__(self, store: "ModelStore", settings: "Settings") -> None:
        super().__init__(store, store.card(settings.model, "image"))
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
        self._ask_negative()
        self._ask_numbers()
        self.generate = gr.Button(
            "Generate", variant="primary", size="lg", elem_id="generate", elem_classes=["mq-generate"]
        )
        with gr.Accordion("More settings", open=False, elem_id="more", elem_classes=["mq-more"]):
            self._folded()

    @property
    def components(self) -> dict[str, Any]:
        """The components by the names of the request's fields."""
        more = {"width": self.width, "height": self.height, "capture_steps": self.capture}
        return super().components | more

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The fields of a request as they are filled in, unchecked."""
        given = super().request(values)
        return given | {"capture_steps": whole_numbers(given["capture_steps"])}

    def restore(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The fields as they were for an earlier request."""
        kept = ", ".join(str(step) for step in request.get("capture_steps") or [])
        return super().restore(request | {"capture_steps": kept})

    def _examples(self) -> None:
        """Prompts to start from."""
        with gr.Row(elem_classes=["mq-chips"]):
            for text in EXAMPLES:
                chip = gr.Button(text, size="sm", elem_classes=["mq-chip"], min_width=0)
                chip.click(None, None, self.prompt, js=f"() => {text!r}", api_visibility="private")

    def _folded(self) -> None:
        """What is seldom touched."""
        self._ask_model(model_choices(self.store, "image"))
        self._ask_size()
        quarters = _quarters(self.card.default_steps)
        self.capture = gr.Textbox(label="Keep pictures of steps", placeholder=quarters, elem_id="capture")
        quiet(self.model.input, self._steps_to_keep, self.model, self.capture)
        self._ask_style()
        self._ask_mesh()

    def _steps_to_keep(self, model: str) -> Any:
        """Steps that are among a model's own, as an example."""
        return gr.update(placeholder=_quarters(self.defaults(model)[0]))


def _quarters(steps: int) -> str:
    """Four steps to keep pictures of: 5, 10, 15, 20 of 20."""
    return ", ".join(str(step) for step in sorted({max(1, steps * n // 4) for n in range(1, 5)}))
