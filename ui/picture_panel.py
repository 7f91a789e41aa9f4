"""The middle of the Prompt tab: a picture as it takes shape, then the results to choose from."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr

from ui import words
from ui.errors import page_error, told
from ui.events import quiet
from ui.stage import PICK, picture_pane, pictures, preview_source
from ui.view import View
from ui.visitor import own_record

if TYPE_CHECKING:
    from jobs.desk import Desk

Update: TypeAlias = dict[Any, Any]


class PicturePanel:
    """Made inside a column of the tab; `follow` streams a job into it.

    The style shows and hides the buttons by what the pane says: updates of their visibility that
    follow each other quickly get lost in the browser.
    """

    def __init__(self, desk: "Desk", visitor: gr.BrowserState, name: str = "") -> None:
        """`name` stands before the ids of its parts."""
        self.desk = desk
        self.pane = gr.HTML(
            picture_pane(None, None),
            js_on_load=PICK,
            apply_default_css=False,
            elem_id=f"{name}picture",
            elem_classes=["mq-picture"],
        )
        self.stop = gr.Button("Cancel", size="sm", elem_id=f"{name}cancel", elem_classes=["mq-cancel"])
        self.make_3d = gr.Button(
            "Make 3D", variant="primary", elem_id=f"{name}make-3d", elem_classes=["mq-make-3d"]
        )
        with gr.Row(elem_classes=["mq-go-on"]):
            self.vary = gr.Button("Vary", size="sm", min_width=0, elem_id=f"{name}vary-result")
            self.use = gr.Button("Use as input", size="sm", min_width=0, elem_id=f"{name}use-result")
        self.view, self.shown, self.chosen = gr.State(View()), gr.State(None), gr.State(None)
        quiet(self.stop.click, self.cancel, [visitor, self.shown], None)
        quiet(self.pane.select, self.choose, [visitor, self.shown], [self.pane, self.chosen])

    @property
    def outputs(self) -> list[Any]:
        """What `follow` and `clear` update."""
        return [self.pane, self.shown, self.chosen]

    async def follow(self, key: str, view: View, *, live: bool = False) -> AsyncIterator[Update]:
        """Show a job until its end, or until the panel is wanted for another.

        Every update of the pane is complete: the browser may drop one that is overtaken by the next.
        What the server keeps for itself is told only where it changes, because it costs time at every step.

        Raises:
            gr.Error: where a `live` job, one that was just asked for, fails.
        """
        turn, preview, folder, kept = view.begin(busy=True), None, self.desk.folder(key), None
        async for record in self.desk.follow(key):
            if view.turn != turn:
                return
            view.busy = not record.final
            preview = preview_source(record, folder) or preview
            pane = picture_pane(record, folder, preview=preview)
            found = pictures(record)
            state = {self.shown: key, self.chosen: found[0].name if found else None}
            yield {self.pane: pane} if state == kept else {self.pane: pane} | state
            kept = state
            if record.state == "failed" and live and record.error is not None:
                raise page_error(record.error.code, record.error.message)

    def clear(self, view: View) -> Update:
        """An empty panel."""
        view.begin()
        return {
            self.pane: picture_pane(None, None),
            self.shown: None,
            self.chosen: None,
        }

    def choose(self, visitor: Any, key: Any, event: gr.EventData) -> Update:
        """Show another one of the results."""
        with told():
            record = own_record(self.desk, visitor, key)
        names = [artifact.name for artifact in pictures(record)]
        name = event.pick if event.pick in names else None
        return {self.pane: picture_pane(record, self.desk.folder(record.key), name), self.chosen: name}

    def seed_of_shown(self, visitor: Any, key: Any, name: Any) -> str:
        """The seed that draws the shown picture again."""
        if key is None:
            return ""
        with told():
            record = own_record(self.desk, visitor, key)
        chosen = next((a for a in record.artifacts if a.name == name), None)
        seed = record.seed if chosen is None else words.seed_of(record, chosen)
        return "" if seed is None else str(seed)

    def cancel(self, visitor: Any, key: Any) -> None:
        """Cancel the visitor's job that is shown."""
        with told():
            self.desk.cancel(own_record(self.desk, visitor, key).key)
