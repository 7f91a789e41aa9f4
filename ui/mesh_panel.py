"""The right-hand side of both tabs: a mesh as it takes shape, then the viewer, figures and download."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr

from pipelines.requests import parse_request
from ui.errors import page_error, told
from ui.events import quiet
from ui.pacing import Pacing
from ui.stage import HINT, mesh_artifact, mesh_pane
from ui.view import View
from ui.viewer import make_viewer, show_mesh
from ui.visitor import new_key, own_record, source_key

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord

Update: TypeAlias = dict[Any, Any]


class MeshPanel:
    """Made inside a column of a tab; `follow` streams a job into it, `then_view` fills the viewer.

    The style shows and hides viewer and button by what the pane says: updates of their visibility
    that follow each other quickly get lost in the browser.
    """

    def __init__(self, desk: "Desk", visitor: gr.BrowserState, elem_id: str, hint: str = HINT) -> None:
        self.desk, self.hint = desk, hint
        self.viewer = make_viewer()
        self.pane = gr.HTML(mesh_pane(None, None, hint=hint), apply_default_css=False, elem_id=elem_id)
        self.stop = gr.Button("Cancel", size="sm", elem_classes=["mq-cancel"])
        self.view = gr.State(View())
        self.shown = gr.State(None)
        self.path = gr.State(None)
        quiet(self.stop.click, self.cancel, [visitor, self.shown], None)

    @property
    def outputs(self) -> list[Any]:
        """What `follow` and `clear` update."""
        return [self.pane, self.shown, self.path]

    def then_view(self, event: Any) -> None:
        """Fill the viewer once an event that streamed into this panel has succeeded."""
        quiet(event.success, show_mesh, self.path, self.viewer)

    async def submit(self, visitor: str, fields: dict[str, Any]) -> "JobRecord":
        """Queue a mesh for a visitor.

        Raises:
            gr.Error: with the code of what is wrong.
        """
        with told():
            request = parse_request({"kind": "image_to_mesh", **fields})
            return await asyncio.to_thread(self.desk.submit, request, new_key(visitor))

    async def follow(
        self, key: str, view: View, cards: Callable[[], Update], *, live: bool = False
    ) -> AsyncIterator[Update]:
        """Show a job until its end, or until the panel is wanted for another.

        `cards` is asked at the beginning and at the end. Every update of the panel is complete:
        the browser may drop one that is overtaken by the next.

        Raises:
            gr.Error: where a `live` job, one that was just asked for, fails.
        """
        turn, first = view.begin(), True
        title, pacing = await asyncio.to_thread(self._title, key), Pacing()
        async for record in self.desk.follow(key):
            if view.turn != turn:
                return
            if not pacing.due(record):
                continue
            around = await asyncio.to_thread(cards) if first or record.final else {}
            yield self._update(record, title) | around
            if record.state == "failed" and live and record.error is not None:
                raise page_error(record.error.code, record.error.message)
            first = False

    def clear(self, view: View) -> Update:
        """An empty panel."""
        view.begin()
        return {
            self.pane: mesh_pane(None, None, hint=self.hint),
            self.shown: None,
            self.path: None,
        }

    def cancel(self, visitor: Any, key: Any) -> None:
        """Cancel the visitor's job that is shown."""
        with told():
            self.desk.cancel(own_record(self.desk, visitor, key).key)

    def _update(self, record: "JobRecord", title: str) -> Update:
        """The panel for one state of a job."""
        folder = self.desk.folder(record.key)
        mesh = mesh_artifact(record) if record.state == "done" else None
        return {
            self.pane: mesh_pane(record, folder, title, self.hint),
            self.shown: record.key,
            self.path: None if mesh is None else str(folder / mesh.name),
        }

    def _title(self, key: str) -> str:
        """The words behind a mesh, for the name of its file."""
        with told():
            source = source_key(self.desk.status(key))
            return "" if source is None else str(self.desk.status(source).request.get("prompt", ""))
