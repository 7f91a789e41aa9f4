"""How a picture is drawn, beside what it shows: the scheduler, and LoRAs where there are some."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from models.schedulers import SCHEDULERS

if TYPE_CHECKING:
    from models.store import ModelStore

OWN = ("model's own", "")


class StyleFields:
    """A row of a form; `components` in the order in which `request` takes their values."""

    def __init__(self, store: "ModelStore", elem_id: str) -> None:
        names = store.lora_names()
        self.scheduler = gr.Dropdown(
            [OWN, *((name, name) for name in SCHEDULERS)],
            value="",
            label="Scheduler",
            elem_id=f"{elem_id}-scheduler",
        )
        with gr.Row(visible=bool(names)):
            self.loras = gr.Dropdown(
                names, value=[], multiselect=True, label="LoRAs", min_width=130, elem_id=f"{elem_id}-loras"
            )
            self.strength = gr.Slider(
                -2, 2, 1, step=0.05, label="Strength", min_width=130, elem_id=f"{elem_id}-strength"
            )

    @property
    def components(self) -> list[Any]:
        """What is filled in."""
        return [self.scheduler, self.loras, self.strength]

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The part of a request that the values describe, unchecked; one strength for all LoRAs."""
        scheduler, loras, strength = values
        return {"scheduler": scheduler or None, "loras": dict.fromkeys(loras or [], strength)}

    def restore(self, request: dict[str, Any]) -> list[Any]:
        """The values of an earlier request; of a LoRA that is gone nothing is shown."""
        worn = request.get("loras") or {}
        known = [name for _, name in self.loras.choices]
        return [
            request.get("scheduler") or "",
            [name for name in worn if name in known],
            next(iter(worn.values()), 1),
        ]
