"""The Prompt tab: words become a picture, and the picture a mesh."""

from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from ui.events import quiet
from ui.prompt_form import PromptForm
from ui.walk import Update, Walk

if TYPE_CHECKING:
    from models.store import ModelStore
    from ui.sketch_form import SketchForm


class PromptTab(Walk):
    """A walk from words; after a reload its form is as it was."""

    kinds = ("text_to_image",)
    name, mesh_id, strip_id = "", "mesh", "recent"
    form: "PromptForm | SketchForm"

    def load(self, visit: Any) -> None:
        """Show a visitor's form and job again once the page knows who it is."""
        quiet(visit.then, self.refill, self.visitor, self.form.restored)
        super().load(visit)

    def refill(self, visitor: Any) -> Update:
        """After a reload: the form as it was."""
        record = self.strip.latest(visitor)
        return {self.form.prompt: gr.skip()} if record is None else self.form.restore(record.request)

    def _form(self, store: "ModelStore") -> "PromptForm | SketchForm":
        return PromptForm(store, self.settings)

    def _listen_to_form(self) -> None:
        form, picture = self.form, self.picture
        self._drawing(partial(gr.on, [form.generate.click, form.prompt.submit]), self.kinds[0])
        shown = [self.visitor, picture.shown, picture.chosen]
        quiet(form.reuse.click, picture.seed_of_shown, shown, form.seed)

    def _request(self, kind: str, values: tuple[Any, ...]) -> dict[str, Any]:
        return {"kind": kind} | self.form.request(values)
