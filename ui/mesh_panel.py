"""The right-hand side of both tabs: a mesh as it takes shape, then the viewer, figures and download."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr
from pydantic import ValidationError

from models.errors import MaquetteError
from pipelines.live import Live
from pipelines.requests import Finishing, parse_request
from ui.errors import page_error, told
from ui.events import quiet
from ui.finishing_form import FinishingForm
from ui.pacing import Pacing
from ui.stage import HINT, mesh_artifact, mesh_pane
from ui.view import View
from ui.viewer import make_viewer, show_mesh
from ui.visitor import new_key, origin, own_record, source_key

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord

Update: TypeAlias = dict[Any, Any]


class MeshPanel:
    """Made inside a column of a tab; `follow` streams a job into it, `then_view` fills the viewer.

    The style shows and hides viewer and button by what the pane says: updates of their visibility
    that follow each other quickly get lost in the browser.
    """

    def __init__(
        self, desk: "Desk", live: Live, visitor: gr.BrowserState, elem_id: str, hint: str = HINT
    ) -> None:
        self.desk, self.live, self.hint = desk, live, hint
        self.viewer = make_viewer()
        self.pane = gr.HTML(mesh_pane(None, None, hint=hint), apply_default_css=False, elem_id=elem_id)
        self.stop = gr.Button("Cancel", size="sm", elem_classes=["mq-cancel"])
        self.view = gr.State(View())
        self.shown = gr.State(None)
        self.path = gr.State(None)
        self.form = FinishingForm(elem_id)
        quiet(self.stop.click, self.cancel, [visitor, self.shown], None)
        self._listen(visitor)

    @property
    def outputs(self) -> list[Any]:
        """What `follow` and `clear` update."""
        return [self.pane, self.shown, self.path]

    def then_view(self, event: Any) -> None:
        """Fill the viewer and the form once an event that streamed into this panel has succeeded."""
        quiet(event.success, show_mesh, self.path, self.viewer)
        quiet(event.success, self.fill, self.shown, self.form.fields)

    def _listen(self, visitor: gr.BrowserState) -> None:
        """Connect the sliders to small meshes at once, their release and the button to the full mesh."""
        form = self.form
        for moved in (form.threshold, form.smoothing):
            fields = [visitor, self.shown, *form.fields]
            quiet(moved.input, self.preview, fields, self.viewer, trigger_mode="always_last")
        made = quiet(
            partial(gr.on, [form.threshold.release, form.smoothing.release, form.apply.click]),
            self.make_anew,
            [visitor, self.view, self.shown, *form.fields],
            self.outputs,
            trigger_mode="multiple",
        )
        quiet(made.success, show_mesh, self.path, self.viewer)

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

    async def make_anew(self, visitor: Any, view: View, key: Any, *values: Any) -> AsyncIterator[Update]:
        """Make the shown mesh anew with other settings, in place of one that is being made for this."""
        with told():
            shown = own_record(self.desk, visitor, key)
            fields = self.form.request(values)
            request = parse_request({"kind": "remesh", "source": self._scene_key(shown), **fields})
            if shown.kind == "remesh" and not shown.final:
                self.desk.cancel(shown.key)
            record = await asyncio.to_thread(self.desk.submit, request, new_key(visitor))
        async for update in self.follow(record.key, view, dict, live=True):
            yield update

    async def preview(self, visitor: Any, key: Any, *values: Any) -> Any:
        """A small mesh of the shown scene with the form's settings; none where they leave nothing."""
        try:
            shown = own_record(self.desk, visitor, key)
            request = Finishing.model_validate(self.form.request(values))
            return str(await asyncio.to_thread(self.live.preview, self._scene_key(shown), request))
        except (MaquetteError, ValidationError):  # the full mesh, on release, tells what is wrong
            return gr.skip()

    def fill(self, key: Any) -> Update:
        """The form as it was for the shown mesh."""
        if key is None:
            return {self.form.threshold: gr.skip()}
        with told():
            return self.form.filled(self.desk.status(key).request)

    def _scene_key(self, record: "JobRecord") -> str:
        """The job whose folder has the scene of a mesh; one that is not done may not have its own yet."""
        remade = record.kind == "remesh" and record.state != "done"
        return str(record.request["source"]) if remade else record.key

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
            source = source_key(origin(self.desk, self.desk.status(key)))
            return "" if source is None else str(self.desk.status(source).request.get("prompt", ""))
