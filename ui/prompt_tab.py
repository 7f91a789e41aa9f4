"""The Prompt tab: words become a picture, and the picture a mesh."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr

from pipelines.requests import parse_request
from ui.errors import told
from ui.events import in_sight, quiet
from ui.form import DrawingForm, PromptForm
from ui.mesh_panel import MeshPanel
from ui.picture_panel import PicturePanel
from ui.recent import recent_pictures
from ui.stage import PICK
from ui.view import View
from ui.visitor import (
    delete_own,
    known_visitor,
    latest_mesh,
    latest_picture,
    mesh_of,
    new_key,
    own_record,
)

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord
    from models.store import ModelStore
    from pipelines.live import Live
    from ui.settings import Settings

Update: TypeAlias = dict[Any, Any]


class PromptTab:
    """Made inside the tab; `load` is called once per visit."""

    kind, name = "text_to_image", ""  # of its drawings; before the ids of its parts

    def __init__(
        self,
        desk: "Desk",
        store: "ModelStore",
        settings: "Settings",
        live: "Live",
        visitor: gr.BrowserState,
    ) -> None:
        self.desk, self.visitor = desk, visitor
        with gr.Row(elem_classes=["mq-walk"]):
            with gr.Column(scale=5, min_width=320, elem_classes=["mq-form"]):
                self.form: DrawingForm = self._form(store, settings)
            with gr.Column(scale=6, min_width=320, elem_id=f"{self.name}picture-side"):
                self.picture = PicturePanel(desk, visitor, self.name)
            with gr.Column(scale=6, min_width=320, elem_id=f"{self.name}mesh-side"):
                self.mesh = MeshPanel(desk, live, visitor, f"{self.name}mesh")
        self.recent = gr.HTML("", js_on_load=PICK, apply_default_css=False, elem_id=f"{self.name}recent")
        self._listen_to_form()
        self._listen_to_cards()

    def load(self, visit: Any) -> None:
        """Show a visitor's running or latest job again once the page knows who it is."""
        quiet(visit.then, self.refill, self.visitor, self.form.restored)
        shown = quiet(visit.then, self.resume, [self.visitor, self.picture.view], self.picture.outputs)
        quiet(shown.then, self.cards, self.visitor, self.recent)
        again = quiet(visit.then, self.resume_mesh, [self.visitor, self.mesh.view], self.mesh.outputs)
        self.mesh.then_view(again)

    def _listen_to_form(self) -> None:
        """Connect what asks for pictures and meshes."""
        form, mesh, picture = self.form, self.mesh, self.picture
        asked = partial(gr.on, [form.generate.click, form.prompt.submit])
        quiet(asked, mesh.clear, mesh.view, mesh.outputs)  # an old mesh is none of the new picture
        drawn = quiet(
            asked,
            self.draw,
            [self.visitor, picture.view, *form.fields],
            picture.outputs,
            js=self._sent(in_sight(f"{self.name}picture-side")),
        )
        quiet(drawn.then, self.cards, self.visitor, self.recent)
        shown = [picture.shown, picture.chosen]
        quiet(form.reuse.click, picture.seed_of_shown, [self.visitor, *shown], form.seed)
        made = quiet(
            picture.make_3d.click,
            self.make_mesh,
            [self.visitor, mesh.view, *shown, form.mesh_model, form.resolution],
            [*mesh.outputs, self.recent],
            js=in_sight(f"{self.name}mesh-side"),
        )
        mesh.then_view(made)

    def _listen_to_cards(self) -> None:
        """Connect the strip of earlier jobs; a new choice wins over one that is still being shown.

        The strip has events of its own: an output that has nothing new costs Gradio more than one that has,
        and pictures on their way come many times a second.
        """
        picture, wish, listen = self.picture, [self.visitor, self.picture.shown], self.recent.select
        opened = quiet(listen, self.open, [*wish, picture.view], picture.outputs, trigger_mode="multiple")
        quiet(opened.then, self.cards, self.visitor, self.recent)
        quiet(picture.shown.change, self.cards, self.visitor, self.recent)
        mesh = self.mesh.outputs
        opened = quiet(listen, self.open_mesh, [*wish, self.mesh.view], mesh, trigger_mode="multiple")
        self.mesh.then_view(opened)

    async def draw(self, visitor: Any, view: View, *values: Any) -> AsyncIterator[Update]:
        """Queue what the form asks for, then show it take shape."""
        visitor = known_visitor(visitor)
        with told():
            request = parse_request(await asyncio.to_thread(self._request, values))
            record = await asyncio.to_thread(self.desk.submit, request, new_key(visitor))
        async for update in self._show(record.key, view, live=True):
            yield update

    def _form(self, store: "ModelStore", settings: "Settings") -> DrawingForm:
        """What a visitor fills in."""
        return PromptForm(store, settings)

    def _sent(self, then: str) -> str:
        """What the browser does as something is asked for."""
        return then

    def _request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request that the form describes, unchecked."""
        return self.form.request(values)

    def refill(self, visitor: Any) -> Update:
        """After a reload: the form as it was."""
        record = latest_picture(self.desk, visitor, self.kind)
        return {self.form.prompt: gr.skip()} if record is None else self.form.restore(record.request)

    async def resume(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the job that runs or ran last."""
        record = await asyncio.to_thread(latest_picture, self.desk, visitor, self.kind)
        async for update in self._show(None if record is None else record.key, view):
            yield update

    async def resume_mesh(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the mesh that is being made, or the one of the picture that is shown."""
        record = await asyncio.to_thread(latest_mesh, self.desk, visitor, self.kind)
        async for update in self._show_mesh(record, view):
            yield update

    async def open(self, visitor: Any, shown: Any, view: View, event: gr.EventData) -> AsyncIterator[Update]:
        """Show an earlier job, or delete it."""
        delete = event.what == "delete"
        with told():
            await asyncio.to_thread(delete_own if delete else own_record, self.desk, visitor, event.pick)
        if delete and event.pick != shown:
            yield {self.picture.shown: gr.skip()}
            return
        async for update in self._show(None if delete else event.pick, view):
            yield update

    async def open_mesh(
        self, visitor: Any, shown: Any, view: View, event: gr.EventData
    ) -> AsyncIterator[Update]:
        """Show the newest mesh of an earlier picture, or none."""
        if event.what == "delete":
            yield self.mesh.clear(view) if event.pick == shown else {self.mesh.shown: gr.skip()}
            return
        record = await asyncio.to_thread(mesh_of, self.desk, visitor, event.pick)
        async for update in self._show_mesh(record, view):
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
        async for update in self.mesh.follow(record.key, view, cards, live=True):
            yield update

    async def _show(self, key: str | None, view: View, *, live: bool = False) -> AsyncIterator[Update]:
        """A picture's job in its panel, or the empty panel."""
        if key is None:
            yield self.picture.clear(view)
            return
        async for update in self.picture.follow(key, view, live=live):
            yield update

    async def _show_mesh(self, record: "JobRecord | None", view: View) -> AsyncIterator[Update]:
        """A mesh's job in its panel, or the empty panel."""
        if record is None:
            yield self.mesh.clear(view)
            return
        async for update in self.mesh.follow(record.key, view, dict):
            yield update

    def cards(self, visitor: Any) -> str:
        """The strip of earlier jobs."""
        return recent_pictures(self.desk, visitor, self.kind)

    def _cards(self, visitor: Any) -> Update:
        """The strip of earlier jobs, for an event that shows more."""
        return {self.recent: self.cards(visitor)}
