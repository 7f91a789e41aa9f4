"""A tab's strip of earlier work, which is shown again in the tab's panels when picked or after a reload."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr

from ui.errors import told
from ui.events import quiet
from ui.mesh_panel import MeshPanel
from ui.picture_panel import PicturePanel
from ui.recent import recent_work
from ui.stage import PICK
from ui.view import View
from ui.visitor import delete_own, goes_with, latest, latest_mesh, mesh_of, of_kinds, own_jobs, own_record

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord

Update: TypeAlias = dict[Any, Any]


class Strip:
    """Made below the panels; `pane` shows what `cards` makes of a visitor's jobs of some kinds."""

    def __init__(
        self,
        desk: "Desk",
        visitor: gr.BrowserState,
        kinds: Sequence[str],
        picture: PicturePanel,
        mesh: MeshPanel,
        elem_id: str,
    ) -> None:
        self.desk, self.visitor, self.kinds = desk, visitor, kinds
        self.picture, self.mesh = picture, mesh
        self.pane = gr.HTML("", js_on_load=PICK, apply_default_css=False, elem_id=elem_id)
        self._listen()

    def load(self, visit: Any) -> None:
        """Show a visitor's running or latest job again once the page knows who it is."""
        shown = quiet(visit.then, self.resume, [self.visitor, self.picture.view], self.picture.outputs)
        self.then_cards(shown)
        again = quiet(visit.then, self.resume_mesh, [self.visitor, self.mesh.view], self.mesh.outputs)
        self.mesh.then_view(again)

    def then_cards(self, event: Any) -> None:
        """Fill the strip anew once an event is over."""
        quiet(event.then, self.cards, self.visitor, self.pane)

    def cards(self, visitor: Any) -> str:
        """The strip of earlier jobs."""
        return recent_work(self.desk, visitor, self.kinds)

    def latest(self, visitor: Any) -> "JobRecord | None":
        """The job that runs or ran last."""
        return latest(of_kinds(own_jobs(self.desk, visitor), self.kinds))

    def _listen(self) -> None:
        """Connect the cards; a new choice wins over one that is still being shown.

        The strip has events of its own: an output that has nothing new costs Gradio more than one that has,
        and pictures on their way come many times a second.
        """
        picture, mesh, listen = self.picture, self.mesh, self.pane.select
        wish = [self.visitor, picture.shown, picture.view]
        self.then_cards(quiet(listen, self.open, wish, picture.outputs, trigger_mode="multiple"))
        quiet(picture.shown.change, self.cards, self.visitor, self.pane)
        wish = [self.visitor, mesh.shown, mesh.view]
        mesh.then_view(quiet(listen, self.open_mesh, wish, mesh.outputs, trigger_mode="multiple"))

    async def resume(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the job that runs or ran last."""
        record = await asyncio.to_thread(self.latest, visitor)
        async for update in self._show(record, view):
            yield update

    async def resume_mesh(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the mesh that is being made, or the one of the job that is shown."""
        record = await asyncio.to_thread(latest_mesh, self.desk, visitor, self.kinds)
        async for update in self._show_mesh(record, view):
            yield update

    async def open(self, visitor: Any, shown: Any, view: View, event: gr.EventData) -> AsyncIterator[Update]:
        """Show an earlier job, or delete it."""
        delete = event.what == "delete"
        with told():
            record = await asyncio.to_thread(own_record, self.desk, visitor, event.pick)
            if delete:
                await asyncio.to_thread(delete_own, self.desk, visitor, event.pick)
        if delete and event.pick != shown:
            yield {self.picture.shown: gr.skip()}
            return
        async for update in self._show(None if delete else record, view):
            yield update

    async def open_mesh(
        self, visitor: Any, shown: Any, view: View, event: gr.EventData
    ) -> AsyncIterator[Update]:
        """Show the mesh of an earlier job, or none where it is deleted with that job."""
        if event.what == "delete":
            gone = await asyncio.to_thread(goes_with, self.desk, visitor, shown, event.pick)
            yield self.mesh.clear(view) if gone else {self.mesh.shown: gr.skip()}
            return
        record = await asyncio.to_thread(mesh_of, self.desk, visitor, event.pick)
        async for update in self._show_mesh(record, view):
            yield update

    async def _show(self, record: "JobRecord | None", view: View) -> AsyncIterator[Update]:
        """A drawing in its panel; the empty panel for none, and for a mesh that was uploaded a picture of."""
        if record is None or record.kind == "image_to_mesh":
            yield self.picture.clear(view)
            return
        async for update in self.picture.follow(record.key, view):
            yield update

    async def _show_mesh(self, record: "JobRecord | None", view: View) -> AsyncIterator[Update]:
        """A mesh in its panel, or the empty panel."""
        if record is None:
            yield self.mesh.clear(view)
            return
        async for update in self.mesh.follow(record.key, view, dict):
            yield update
