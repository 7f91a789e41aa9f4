"""What a visitor draws and fills in to get a picture of a sketch."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.requests import SketchToImage
from pipelines.sketch_to_image import usual_card
from ui.drawing_form import DrawingForm, model_choices
from ui.sketch_pad import SketchPad
from ui.sliders import slider

if TYPE_CHECKING:
    from models.card import ModelCard
    from models.store import ModelStore
    from ui.settings import Settings


class SketchForm(DrawingForm):
    """The fields of the Sketch tab; the seed stays, so that what follows the drawing keeps its looks."""

    name = "sketch-"
    seed_at_first = "1"
    new_seed = "() => String(Math.floor(Math.random() * 2 ** 32))"

    def __init__(self, store: "ModelStore", settings: "Settings") -> None:
        self.able = [card.name for card in store.shelf.cards.values() if card.control]
        model = settings.model if settings.model in self.able else "starter"
        super().__init__(store, store.card(model, "image"))
        self.pad = SketchPad(settings)
        self.prompt = gr.Textbox(
            label="Prompt", placeholder="What is it?", lines=1, max_lines=4, elem_id="sketch-prompt"
        )
        freedom = SketchToImage.model_fields["temperature"].default
        self.temperature = slider(0, 1, freedom, 0.05, "Freedom", "sketch-temperature")
        self.generate = gr.Button(
            "Generate", variant="primary", size="lg", elem_id="sketch-generate", elem_classes=["mq-generate"]
        )
        with gr.Accordion("More settings", open=False, elem_id="sketch-more", elem_classes=["mq-more"]):
            self._ask_negative()
            self._ask_numbers()
            self._ask_model([choice for choice in model_choices(store, "image") if choice[1] in self.able])
            self._ask_size()
            self._ask_style()
            self._ask_mesh()

    @property
    def components(self) -> dict[str, Any]:
        """The components by the names of the request's fields, but for the paper."""
        more = {"temperature": self.temperature, "width": self.width, "height": self.height}
        return super().components | more

    @property
    def fields(self) -> list[Any]:
        """The components whose values make a request; the first one's is the paper."""
        return [self.pad.ink, *super().fields]

    @property
    def restored(self) -> list[Any]:
        """The components that are filled again after a reload."""
        return [self.pad.pane, *super().restored]

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The fields of a request as they are filled in, unchecked, the paper as its address."""
        return {"image": values[0]} | super().request(values[1:])

    def restore(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The paper and the fields as they were for an earlier request."""
        return {self.pad.pane: self.pad.restore(request["image"])} | super().restore(request)

    def _card_of(self, model: str) -> "ModelCard":
        """What is known of a model with its ControlNet, or of the starter set's where it has gone."""
        return usual_card(self.store.card, model if model in self.able else "starter")
