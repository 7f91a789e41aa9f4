"""The right-hand side of both tabs: a mesh as it takes shape, then the viewer, figures and download."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr
from pydantic import ValidationError

from models.errors import MaquetteError
from pipelines.live import Live
from pipelines.requests import Finishing, parse_request
from ui import words
from ui.errors import page_error, told
from ui.events import quiet
from ui.finishing_form import FinishingForm, finish_of
from ui.pacing import Pacing
from ui.sliders import SETTLED
from ui.stage import HINT, mesh_artifact, mesh_pane
from ui.view import View
from ui.viewer import make_viewer, show_mesh
from ui.visitor import new_key, own_record, prompt_behind, scene_key

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
        self.pane = gr.HTML(
            mesh_pane(None, None, hint), js_on_load=SETTLED, apply_default_css=False, elem_id=elem_id
        )
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
        quiet(event.success, self.make_ready, self.shown, None)

    def _listen(self, visitor: gr.BrowserState) -> None:
        """Connect the sliders to small meshes at once; once they settle, and the button, to the full mesh."""
        form = self.form
        for moved in (form.threshold, form.smoothing):
            fields = [visitor, self.shown, *form.fields]
            quiet(moved.input, self.preview, fields, self.viewer, trigger_mode="always_last")
        fields = [visitor, self.view, self.shown, *form.fields]
        for asked, answer in ((self.pane.submit, self.settle), (form.apply.click, self.make_anew)):
            made = quiet(asked, answer, fields, self.outputs, trigger_mode="multiple")
            quiet(made.success, show_mesh, self.path, self.viewer)

    async def submit(self, visitor: str, fields: dict[str, Any]) -> "JobRecord":
        """Queue a mesh for a visitor.

        Raises:
            gr.Error: with the code of what is wrong.
        """
        with told():
            prompt = await asyncio.to_thread(prompt_behind, self.desk, fields["image"])
            request = parse_request({"kind": "image_to_mesh", "file_name": words.mesh_name(prompt), **fields})
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
        turn, first, pacing = view.begin(), True, Pacing()
        async for record in self.desk.follow(key):
            if view.turn != turn:
                return
            if not pacing.due(record):
                continue
            around = await asyncio.to_thread(cards) if first or record.final else {}
            yield self._update(record) | around
            if record.state == "failed" and live and record.error is not None:
                raise page_error(record.error.code, record.error.message)
            first = False

    async def settle(self, visitor: Any, view: View, key: Any, *values: Any) -> AsyncIterator[Update]:
        """Make the shown mesh anew, unless the sliders are back where they were for it."""
        with told():
            shown = own_record(self.desk, visitor, key)
        if shown.state not in ("failed", "cancelled") and self._is_as_wished(shown, values):
            yield {self.shown: gr.skip()}
            return
        async for update in self.make_anew(visitor, view, key, *values):
            yield update

    async def make_anew(self, visitor: Any, view: View, key: Any, *values: Any) -> AsyncIterator[Update]:
        """Make the shown mesh anew with other settings, in place of one that is being made for this."""
        with told():
            shown = own_record(self.desk, visitor, key)
            fields = {"kind": "remesh", "source": scene_key(shown)} | self._wish(shown, values)
            request = parse_request(fields)
            if shown.kind == "remesh" and not shown.final:
                self.desk.cancel(shown.key)
            record = await asyncio.to_thread(self.desk.submit, request, new_key(visitor))
        async for update in self.follow(record.key, view, dict, live=True):
            yield update

    async def preview(self, visitor: Any, key: Any, *values: Any) -> Any:
        """A small mesh of the shown scene with the form's settings; none where they leave nothing.

        Back where the sliders were for the mesh that is shown, it is that mesh.
        """
        try:
            shown = own_record(self.desk, visitor, key)
            if shown.state == "done" and self._is_as_wished(shown, values):
                return self._path(shown)
            request = Finishing.model_validate(self._wish(shown, values))
            return str(await asyncio.to_thread(self.live.preview, scene_key(shown), request))
        except (MaquetteError, ValidationError):  # the full mesh, once it settles, tells what is wrong
            return gr.skip()

    def fill(self, key: Any) -> Update:
        """The form as it was for the shown mesh."""
        if key is None:
            return {self.form.threshold: gr.skip()}
        with told():
            return self.form.filled(self.desk.status(key).request)

    async def make_ready(self, key: Any) -> None:
        """Have the shown scene at hand, so that the first move of a slider is as quick as the others."""
        with suppress(MaquetteError):  # a mesh that came to nothing has no scene
            if key is not None:
                await asyncio.to_thread(self.live.make_ready, scene_key(self.desk.status(key)))

    def clear(self, view: View) -> Update:
        """An empty panel."""
        view.begin()
        return {
            self.pane: mesh_pane(None, None, self.hint),
            self.shown: None,
            self.path: None,
        }

    def cancel(self, visitor: Any, key: Any) -> None:
        """Cancel the visitor's job that is shown."""
        with told():
            self.desk.cancel(own_record(self.desk, visitor, key).key)

    def _update(self, record: "JobRecord") -> Update:
        """The panel for one state of a job."""
        return {
            self.pane: mesh_pane(record, self.desk.folder(record.key), self.hint),
            self.shown: record.key,
            self.path: self._path(record),
        }

    def _path(self, record: "JobRecord") -> str | None:
        """The finished mesh's GLB."""
        mesh = mesh_artifact(record) if record.state == "done" else None
        return None if mesh is None else str(self.desk.folder(record.key) / mesh.name)

    def _wish(self, shown: "JobRecord", values: tuple[Any, ...]) -> dict[str, Any]:
        """What the form asks of the shown mesh; its files keep their name."""
        return self.form.request(values) | {"file_name": finish_of(shown.request).file_name}

    def _is_as_wished(self, shown: "JobRecord", values: tuple[Any, ...]) -> bool:
        """Whether the form asks for nothing else than the shown mesh was asked to be."""
        try:
            return Finishing.model_validate(self._wish(shown, values)) == finish_of(shown.request)
        except ValidationError:
            return False
