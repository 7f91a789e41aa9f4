"""How a picture is drawn, beside what it shows: the scheduler, and LoRAs where there are some."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from models.schedulers import SCHEDULERS
from ui.sliders import slider

if TYPE_CHECKING:
    from models.store import ModelStore

OWN = ("model's own", "")


class StyleFields:
    """A part of a form; `components` in the order in which `request` takes their values."""

    def __init__(self, store: "ModelStore", name: str) -> None:
        names = store.lora_names()
        self.scheduler = gr.Dropdown(
            [OWN, *((name, name) for name in SCHEDULERS)],
            value="",
            label="Scheduler",
            elem_id=f"{name}scheduler",
        )
        with gr.Column(visible=bool(names)):
            self.loras = gr.Dropdown(names, value=[], multiselect=True, label="LoRAs", elem_id=f"{name}loras")
            self.strength = slider(-2, 2, 1, 0.05, "Strength of the LoRAs", f"{name}strength")

    @property
    def components(self) -> dict[str, Any]:
        """What is filled in; one strength for all LoRAs."""
        return {"scheduler": self.scheduler, "loras": self.loras, "lora_strength": self.strength}

    def request(self, given: dict[str, Any]) -> dict[str, Any]:
        """A request of what is filled in, unchecked."""
        rest = dict(given)
        strength = rest.pop("lora_strength")
        loras = dict.fromkeys(rest["loras"] or [], strength)
        return rest | {"scheduler": rest["scheduler"] or None, "loras": loras}

    def restore(self, request: dict[str, Any]) -> dict[str, Any]:
        """What was filled in for an earlier request; of a LoRA that is gone nothing is shown."""
        worn = request.get("loras") or {}
        known = [name for _, name in self.loras.choices]
        return {
            "scheduler": request.get("scheduler") or "",
            "loras": [name for name in worn if name in known],
            "lora_strength": next(iter(worn.values()), 1),
        }
