"""The Prompt tab: words become a picture, and the picture a mesh."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.requests import parse_request
from ui.errors import page_error, told
from ui.events import quiet
from ui.form import PromptForm
from ui.mesh_panel import MeshPanel
from ui.recent import recent_pictures
from ui.stage import PICK, picture_pane, pictures, preview_source
from ui.view import View
from ui.visitor import known_visitor, latest_mesh, latest_picture, mesh_of, new_key, own_record

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord
    from models.store import ModelStore
    from ui.settings import Settings

Update = dict[Any, Any]
# On a phone the picture lies below the form: bring it into sight once something happens there.
_SCROLL = """(...values) => {
    if (innerWidth < 900) document.querySelector('#SELECTOR')?.scrollIntoView({behavior: 'smooth'});
    return values;
}"""


class PromptTab:
    """Made inside the tab; `load` is called once per visit."""

    def __init__(
        self, desk: "Desk", store: "ModelStore", settings: "Settings", visitor: gr.BrowserState
    ) -> None:
        self.desk, self.visitor = desk, visitor
        with gr.Row(elem_classes=["mq-walk"]):
            with gr.Column(scale=5, min_width=320, elem_classes=["mq-form"]):
                self.form = PromptForm(store, settings)
            with gr.Column(scale=6, min_width=320, elem_id="picture-side"):
                self.pane = gr.HTML(
                    picture_pane(None, None), js_on_load=PICK, apply_default_css=False, elem_id="picture"
                )
                self.stop = gr.Button("Cancel", size="sm", visible=False, elem_id="cancel")
                self.make_3d = gr.Button("Make 3D", variant="primary", visible=False, elem_id="make-3d")
            with gr.Column(scale=6, min_width=320, elem_id="mesh-side"):
                self.mesh = MeshPanel(desk, visitor, "mesh")
        self.recent = gr.HTML("", js_on_load=PICK, apply_default_css=False, elem_id="recent")
        self.view, self.shown, self.chosen = gr.State(View()), gr.State(None), gr.State(None)
        self._listen()

    @property
    def _outputs(self) -> list[Any]:
        """What `follow` updates."""
        return [self.pane, self.stop, self.make_3d, self.form.generate, self.recent, self.shown, self.chosen]

    def load(self, visit: Any) -> None:
        """Show a visitor's running or latest job again once the page knows who it is."""
        quiet(visit.then, self.refill, self.visitor, self.form.restored)
        quiet(visit.then, self.resume, [self.visitor, self.view], self._outputs)
        again = quiet(visit.then, self.resume_mesh, [self.visitor, self.mesh.view], self.mesh.outputs)
        self.mesh.then_view(again)

    def _listen(self) -> None:
        """Connect the fields, buttons and cards."""
        form, mesh = self.form, self.mesh
        quiet(
            partial(gr.on, [form.generate.click, form.prompt.submit]),
            self.draw,
            [self.visitor, self.view, *form.fields],
            [self.visitor, *self._outputs],
            js=_SCROLL.replace("SELECTOR", "picture-side"),
        )
        quiet(self.stop.click, self.cancel, [self.visitor, self.shown], None)
        quiet(form.reuse.click, self.seed_of_shown, [self.visitor, self.shown, self.chosen], form.seed)
        quiet(self.pane.select, self.choose, [self.visitor, self.shown], [self.pane, self.chosen])
        wish = [self.visitor, mesh.view, self.shown, self.chosen, form.mesh_model, form.resolution]
        made = quiet(
            self.make_3d.click,
            self.make_mesh,
            wish,
            [*mesh.outputs, self.recent],
            js=_SCROLL.replace("SELECTOR", "mesh-side"),
        )
        mesh.then_view(made)
        quiet(
            self.recent.select, self.open, [self.visitor, self.view], self._outputs, trigger_mode="multiple"
        )
        opened = quiet(
            self.recent.select,
            self.open_mesh,
            [self.visitor, mesh.view],
            mesh.outputs,
            trigger_mode="multiple",
        )
        mesh.then_view(opened)

    async def draw(self, visitor: Any, view: View, *values: Any) -> AsyncIterator[Update]:
        """Queue what the form asks for, then show it take shape."""
        visitor = known_visitor(visitor)
        with told():
            request = parse_request(self.form.request(values))
            record = await asyncio.to_thread(self.desk.submit, request, new_key(visitor))
        async for update in self.follow(record.key, visitor, view):
            yield update | {self.visitor: visitor}

    async def follow(self, key: str, visitor: str, view: View) -> AsyncIterator[Update]:
        """Show a job until its end, or until the pane is wanted for another.

        Every update is complete: the browser may drop one that is overtaken by the next.

        Raises:
            gr.Error: where the job fails before the visitor's eyes.
        """
        turn, first, preview, folder = view.begin(), True, None, self.desk.folder(key)
        around: Update = {}
        async for record in self.desk.follow(key):
            if view.turn != turn:
                return
            if first or record.final:
                around = await asyncio.to_thread(self._around, record, visitor)
            preview = preview_source(record, folder) or preview
            yield around | {self.pane: picture_pane(record, folder, preview=preview)}
            if record.state == "failed" and not first and record.error is not None:
                raise page_error(record.error.code, record.error.message)
            first = False

    def refill(self, visitor: Any) -> Update:
        """After a reload: the form as it was."""
        record = latest_picture(self.desk, visitor)
        return {self.form.prompt: gr.skip()} if record is None else self.form.restore(record.request)

    async def resume(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the job that runs or ran last."""
        record = await asyncio.to_thread(latest_picture, self.desk, visitor)
        if record is None:
            yield self._nothing(visitor, view)
            return
        async for update in self.follow(record.key, visitor, view):
            yield update

    async def resume_mesh(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the mesh that is being made, or the one of the picture that is shown."""
        record = await asyncio.to_thread(latest_mesh, self.desk, visitor)
        async for update in self._show_mesh(record, view):
            yield update

    async def open(self, visitor: Any, view: View, event: gr.EventData) -> AsyncIterator[Update]:
        """Show an earlier job, or delete it."""
        with told():
            record = await asyncio.to_thread(own_record, self.desk, visitor, event.pick)
            if event.what == "delete":
                await asyncio.to_thread(self.desk.delete, record.key)
        if event.what == "delete":
            yield self._nothing(visitor, view)
            return
        async for update in self.follow(record.key, visitor, view):
            yield update

    async def open_mesh(self, visitor: Any, view: View, event: gr.EventData) -> AsyncIterator[Update]:
        """Show the newest mesh of an earlier picture, or none."""
        record = await asyncio.to_thread(mesh_of, self.desk, visitor, event.pick)
        async for update in self._show_mesh(None if event.what == "delete" else record, view):
            yield update

    async def make_mesh(
        self, visitor: Any, view: View, key: Any, name: Any, model: Any, resolution: Any
    ) -> AsyncIterator[Update]:
        """Make a mesh of the chosen picture."""
        with told():
            own_record(self.desk, visitor, key)
        fields = {"image": f"artifacts/{key}/{name}", "model": model, "resolution": resolution}
        record = await self.mesh.submit(visitor, fields)
        cards = partial(self._cards, visitor)
        async for update in self.mesh.follow(record.key, view, cards):
            yield update

    def choose(self, visitor: Any, key: Any, event: gr.EventData) -> Update:
        """Show another one of the results."""
        with told():
            record = own_record(self.desk, visitor, key)
        names = [artifact.name for artifact in pictures(record)]
        name = event.pick if event.pick in names else None
        return {self.pane: picture_pane(record, self.desk.folder(record.key), name), self.chosen: name}

    def cancel(self, visitor: Any, key: Any) -> None:
        """Cancel the visitor's job that is shown."""
        with told():
            self.desk.cancel(own_record(self.desk, visitor, key).key)

    def seed_of_shown(self, visitor: Any, key: Any, name: Any) -> str:
        """The seed that draws the shown picture again."""
        if key is None:
            return ""
        with told():
            record = own_record(self.desk, visitor, key)
        chosen = next((a for a in record.artifacts if a.name == name), None)
        seed = record.seed if chosen is None else chosen.figures.get("seed", record.seed)
        return "" if seed is None else str(seed)

    async def _show_mesh(self, record: "JobRecord | None", view: View) -> AsyncIterator[Update]:
        """A mesh's job in the panel, or the empty panel."""
        if record is None:
            yield self.mesh.clear(view)
            return
        async for update in self.mesh.follow(record.key, view, dict):
            yield update

    def _cards(self, visitor: Any) -> Update:
        """The strip of earlier jobs."""
        return {self.recent: recent_pictures(self.desk, visitor)}

    def _around(self, record: "JobRecord", visitor: str) -> Update:
        """The buttons and cards around a job."""
        found = pictures(record)
        return {
            self.form.generate: gr.update(interactive=record.final),
            self.stop: gr.update(visible=not record.final),
            self.make_3d: gr.update(visible=record.final and bool(found)),
            self.shown: record.key,
            self.chosen: found[0].name if found else None,
        } | self._cards(visitor)

    def _nothing(self, visitor: Any, view: View) -> Update:
        """The empty pane."""
        view.begin()
        return {
            self.pane: picture_pane(None, None),
            self.form.generate: gr.update(interactive=True),
            self.stop: gr.update(visible=False),
            self.make_3d: gr.update(visible=False),
            self.shown: None,
            self.chosen: None,
        } | self._cards(visitor)
