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
    """Made inside a column of a tab; `follow` streams a job into it, `then_view` fills the viewer."""

    def __init__(self, desk: "Desk", visitor: gr.BrowserState, elem_id: str, hint: str = HINT) -> None:
        self.desk, self.hint = desk, hint
        self.viewer = make_viewer()
        self.pane = gr.HTML(mesh_pane(None, None, hint=hint), apply_default_css=False, elem_id=elem_id)
        self.stop = gr.Button("Cancel", size="sm", visible=False, elem_classes=["mq-cancel"])
        self.view = gr.State(View())
        self.shown = gr.State(None)
        self.path = gr.State(None)
        quiet(self.stop.click, self.cancel, [visitor, self.shown], None)

    @property
    def outputs(self) -> list[Any]:
        """What `follow` and `clear` update."""
        return [self.viewer, self.pane, self.stop, self.shown, self.path]

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

    async def follow(self, key: str, view: View, around: Callable[[], Update]) -> AsyncIterator[Update]:
        """Show a job until its end, or until the panel is wanted for another.

        `around` is what to update beside the panel, asked at the beginning and at the end. Every
        update is complete: the browser may drop one that is overtaken by the next.

        Raises:
            gr.Error: where the job fails before the visitor's eyes.
        """
        turn, first, rest = view.begin(), True, dict[Any, Any]()
        title, pacing = await asyncio.to_thread(self._title, key), Pacing()
        async for record in self.desk.follow(key):
            if view.turn != turn:
                return
            if not pacing.due(record):
                continue
            if first or record.final:
                rest = await asyncio.to_thread(around)
            yield self._update(record, title) | rest
            if record.state == "failed" and not first and record.error is not None:
                raise page_error(record.error.code, record.error.message)
            first = False

    def clear(self, view: View) -> Update:
        """An empty panel."""
        view.begin()
        return {
            self.viewer: gr.update(visible=False),
            self.pane: mesh_pane(None, None, hint=self.hint),
            self.stop: gr.update(visible=False),
            self.shown: None,
            self.path: None,
        }

    def cancel(self, visitor: Any, key: Any) -> None:
        """Cancel the visitor's job that is shown."""
        with told():
            self.desk.cancel(own_record(self.desk, visitor, key).key)

    def _update(self, record: "JobRecord", title: str) -> Update:
        """The panel for one state of a job; the viewer has to appear before it gets its mesh."""
        folder = self.desk.folder(record.key)
        mesh = mesh_artifact(record) if record.state == "done" else None
        return {
            self.viewer: gr.update(visible=mesh is not None),
            self.pane: mesh_pane(record, folder, title, self.hint),
            self.stop: gr.update(visible=not record.final),
            self.shown: record.key,
            self.path: None if mesh is None else str(folder / mesh.name),
        }

    def _title(self, key: str) -> str:
        """The words behind a mesh, for the name of its file."""
        with told():
            source = source_key(self.desk.status(key))
            return "" if source is None else str(self.desk.status(source).request.get("prompt", ""))
