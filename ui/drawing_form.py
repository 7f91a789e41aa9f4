"""What a visitor may ask of any drawing; each tab's form places these fields, and has more of its own."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from models.missing import megabytes
from ui.events import quiet
from ui.numbers import whole_or_none
from ui.sliders import slider
from ui.style_fields import StyleFields

if TYPE_CHECKING:
    from models.card import ModelCard
    from models.store import ModelStore

NATIVE = "model's own"
SIDES = ("width", "height")


class DrawingForm:
    """The fields of one tab; `fields` in the order in which `request` takes their values."""

    name: str  # before the ids of its parts
    seed_at_first = ""
    new_seed = "() => ''"  # JavaScript
    prompt: gr.Textbox
    mesh_model: gr.Dropdown
    resolution: gr.Slider

    def __init__(self, store: "ModelStore", card: "ModelCard") -> None:
        """`card` is of the model that is chosen at first."""
        self.store, self.card = store, card

    @property
    def components(self) -> dict[str, Any]:
        """The components by the names of the request's fields."""
        return {
            "prompt": self.prompt,
            "negative_prompt": self.negative,
            "steps": self.steps,
            "guidance_scale": self.guidance,
            "num_images": self.images,
            "model": self.model,
            "seed": self.seed,
            **self.style.components,
        }

    @property
    def fields(self) -> list[Any]:
        """The components whose values make a request."""
        return list(self.components.values())

    @property
    def restored(self) -> list[Any]:
        """The components that are filled again after a reload; the seed is not."""
        return [component for name, component in self.components.items() if name != "seed"]

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The fields of a request as they are filled in, unchecked."""
        given = dict(zip(self.components, values, strict=True))
        typed = {name: whole_or_none(given[name]) for name in ("seed", *SIDES) if name in given}
        return self.style.request(given | typed)

    def restore(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The fields as they were for an earlier request."""
        own = dict(zip(("steps", "guidance_scale"), self.defaults(request["model"]), strict=True))
        typed = {side: str(request[side]) for side in SIDES if request.get(side) is not None}
        given = {name: value for name, value in request.items() if value is not None}
        found = dict.fromkeys(SIDES, "") | own | given | typed | self.style.restore(request)
        return {self.components[name]: found[name] for name in self.components if name != "seed"}

    def defaults(self, model: str) -> tuple[int, float]:
        """A model's own number of steps and guidance."""
        card = self._card_of(model)
        return card.default_steps, card.default_guidance

    def _card_of(self, model: str) -> "ModelCard":
        """What is known of a model, or of the starter set where it has gone."""
        return self.store.shelf.cards.get(model) or self.store.card("starter")

    def _ask_negative(self) -> None:
        self.negative = gr.Textbox(
            "",
            label="Negative prompt",
            placeholder="What to leave out",
            lines=1,
            max_lines=4,
            elem_id=f"{self.name}negative",
        )

    def _ask_numbers(self) -> None:
        """How it is drawn, how often, and from which seed."""
        steps, guidance = self.defaults(self.card.name)
        with gr.Row(elem_classes=["mq-usual"]):
            self.steps = slider(1, 150, steps, 1, "Steps", f"{self.name}steps")
            self.guidance = slider(0, 30, guidance, 0.5, "Guidance", f"{self.name}guidance")
        with gr.Row(elem_classes=["mq-usual"]):
            self.images = slider(1, 8, 1, 1, "Images", f"{self.name}images")
            self._ask_seed()

    def _ask_seed(self) -> None:
        with gr.Column(min_width=130, elem_classes=["mq-seed"]):
            self.seed = gr.Textbox(
                self.seed_at_first,
                label="Seed",
                placeholder="random",
                max_lines=1,
                elem_id=f"{self.name}seed",
            )
            with gr.Row(elem_classes=["mq-seed-buttons"]):
                dice = _seed_button("Random seed", f"{self.name}dice", "mq-dice")
                self.reuse = _seed_button("Use this seed again", f"{self.name}reuse", "mq-reuse")
        dice.click(None, None, self.seed, js=self.new_seed, api_visibility="private")

    def _ask_model(self, models: list[tuple[str, str]]) -> None:
        self.model = gr.Dropdown(models, value=self.card.name, label="Picture model")
        quiet(self.model.input, self.defaults, self.model, [self.steps, self.guidance])

    def _ask_size(self) -> None:
        with gr.Row():
            self.width = gr.Textbox(
                label="Width", placeholder=NATIVE, min_width=100, elem_id=f"{self.name}width"
            )
            self.height = gr.Textbox(
                label="Height", placeholder=NATIVE, min_width=100, elem_id=f"{self.name}height"
            )

    def _ask_style(self) -> None:
        self.style = StyleFields(self.store, self.name or "prompt-")

    def _ask_mesh(self) -> None:
        """How a result becomes a mesh."""
        models = model_choices(self.store, "mesh")
        self.mesh_model = gr.Dropdown(models, value="starter-mesh", label="Mesh model")
        self.resolution = slider(16, 512, 256, 16, "Mesh detail", f"{self.name}resolution")


def model_choices(store: "ModelStore", task: str) -> list[tuple[str, str]]:
    """The models of a task, with the size of those to download; the Models tab tells which are here."""
    cards = [card for card in store.shelf.cards.values() if card.task == task]
    return [
        (c.title if c.shipped or not c.size_bytes else f"{c.title} ({megabytes(c.size_bytes)})", c.name)
        for c in cards
    ]


def _seed_button(label: str, elem_id: str, look: str) -> gr.Button:
    """A small button over the seed."""
    return gr.Button(label, size="sm", min_width=0, elem_id=elem_id, elem_classes=[look])
