"""Results that go on as the Image tab's picture: by their buttons, or dragged onto the tab."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from ui.errors import told
from ui.events import quiet
from ui.image_tab import ImageTab
from ui.picture_panel import PicturePanel
from ui.visitor import own_record

if TYPE_CHECKING:
    from jobs.desk import Desk

_TO_TAB = """(...values) => {
    document.querySelector('[role=tab][data-tab-id=image]')?.click();
    scrollTo({top: 0, behavior: 'smooth'});
    return values;
}"""
# A result is known by its file's address. The tab opens as something is dragged over it; both take the drop.
_DRAGGED = """
const tab = () => document.querySelector('[role=tab][data-tab-id=image]');
const target = ({target}) =>
    target.closest?.('#upload, #paint-pad') || target.closest?.('[role=tab]') === tab();
let dragged = null;
document.addEventListener('dragstart', (event) => {
    const image = event.target.closest?.('img') || event.target.querySelector?.('img');
    const found = image?.src.match(/artifacts\\/([^/]+)\\/([^/?]+\\.png)/);
    dragged = found ? {key: decodeURIComponent(found[1]), name: decodeURIComponent(found[2])} : null;
});
document.addEventListener('dragend', () => { dragged = null; });
document.addEventListener('dragover', (event) => {
    if (!dragged || !target(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (tab().ariaSelected !== 'true') tab().click();
}, true);
document.addEventListener('drop', (event) => {
    if (!dragged || !target(event)) return;
    event.preventDefault();
    event.stopPropagation();
    trigger('select', dragged);
    dragged = null;
}, true);
"""


class HandOver:
    """Connects the buttons of all panels that show results, and what is dragged, to the Image tab."""

    def __init__(
        self, desk: "Desk", visitor: gr.BrowserState, panels: Sequence[PicturePanel], image_tab: ImageTab
    ) -> None:
        self.desk, self.form = desk, image_tab.form
        outputs = [self.form.image, self.form.prompt, self.form.mode]
        for panel in panels:
            shown = [visitor, panel.shown, panel.chosen]
            quiet(panel.use.click, self.use, shown, outputs, js=_TO_TAB)
            filled = quiet(panel.vary.click, self.vary, shown, outputs, js=_TO_TAB)
            image_tab.draw_after(filled)
        dropped = gr.HTML("", js_on_load=_DRAGGED, apply_default_css=False, elem_classes=["mq-unseen"])
        quiet(dropped.select, self.drop, visitor, outputs)

    def use(self, visitor: Any, key: Any, name: Any) -> dict[Any, Any]:
        """A visitor's result in the form, with the words that it was drawn with."""
        with told():
            record = own_record(self.desk, visitor, key)
        if name not in [a.name for a in record.artifacts if a.media_type == "image/png"]:
            return {self.form.image: gr.skip()}
        path = str(self.desk.folder(record.key) / name)
        return {self.form.image: path, self.form.prompt: str(record.request.get("prompt", ""))}

    def vary(self, visitor: Any, key: Any, name: Any) -> dict[Any, Any]:
        """The same, to be varied at once."""
        return self.use(visitor, key, name) | {self.form.mode: "vary"}

    def drop(self, visitor: Any, event: gr.EventData) -> dict[Any, Any]:
        """A dragged result in the form."""
        return self.use(visitor, event.key, event.name)
