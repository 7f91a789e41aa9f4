"""The Image tab: a picture of the visitor's own becomes a mesh, or another picture."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from models.errors import MaquetteError
from pipelines.pictures import open_picture, resolve
from pipelines.requests import parse_request
from ui import words
from ui.errors import told
from ui.events import in_sight, quiet
from ui.image_form import GROWN, ImageForm
from ui.mesh_panel import MeshPanel
from ui.paint_pad import PAD
from ui.picture_panel import PicturePanel
from ui.recent import IMAGE_KINDS, own_images, recent_images
from ui.sketch_pad import sent
from ui.stage import PICK
from ui.uploads import picture_reference, uploaded_name
from ui.view import View
from ui.visitor import (
    delete_own,
    known_visitor,
    made_anew,
    mesh_of,
    new_key,
    origin,
    own_record,
    source_key,
)

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord
    from models.store import ModelStore
    from pipelines.live import Live
    from ui.settings import Settings

Update = dict[Any, Any]


class ImageTab:
    """Made inside the tab; `load` is called once per visit."""

    def __init__(
        self,
        desk: "Desk",
        store: "ModelStore",
        settings: "Settings",
        live: "Live",
        visitor: gr.BrowserState,
    ) -> None:
        self.desk, self.settings, self.visitor = desk, settings, visitor
        with gr.Row(elem_classes=["mq-walk"]):
            with gr.Column(scale=6, min_width=320, elem_classes=["mq-form"]):
                self.form = ImageForm(store, settings)
            with gr.Column(scale=6, min_width=320, elem_id="image-picture-side"):
                self.picture = PicturePanel(desk, visitor, "image-")
            with gr.Column(scale=6, min_width=320, elem_id="image-mesh-side"):
                self.mesh = MeshPanel(
                    desk, live, visitor, "upload-mesh", "The mesh of your picture appears here."
                )
        self.recent = gr.HTML("", js_on_load=PICK, apply_default_css=False, elem_id="recent-meshes")
        self._listen_to_meshes()
        for button, kind in self._buttons():
            quiet(
                button.click, self.mesh.clear, self.mesh.view, self.mesh.outputs
            )  # it is of another picture
            self._drawing(button.click, kind)
        self._listen_to_cards()

    def load(self, visit: Any) -> None:
        """Show a visitor's running or latest work again once the page knows who it is."""
        shown = quiet(visit.then, self.resume, [self.visitor, self.picture.view], self.picture.outputs)
        quiet(shown.then, self.cards, self.visitor, self.recent)
        again = quiet(visit.then, self.resume_mesh, [self.visitor, self.mesh.view], self.mesh.outputs)
        self.mesh.then_view(again)

    def draw_after(self, event: Any) -> None:
        """Vary the picture of the form once an event has put it there."""
        self._drawing(event.success, "image_to_image")

    def _buttons(self) -> list[tuple[gr.Button, str]]:
        """What draws, and the kind of its requests."""
        form = self.form
        return [(form.vary, "image_to_image"), (form.over, "inpaint"), (form.enlarge, "upscale")]

    def _drawing(self, asked: Any, kind: str) -> None:
        """Connect an event to a drawing of a kind."""
        drawn = quiet(
            asked,
            partial(self.draw, kind),
            [self.visitor, self.picture.view, *self.form.fields],
            [self.visitor, *self.picture.outputs],
            js=sent(2, in_sight("image-picture-side"), PAD),
        )
        quiet(drawn.then, self.cards, self.visitor, self.recent)

    def _listen_to_meshes(self) -> None:
        """Connect what asks for meshes: of the form's picture, and of a result."""
        mesh, form, picture = self.mesh, self.form, self.picture
        looked_at = quiet(form.image.upload, self.look_at, form.image, None)
        quiet(looked_at.failure, lambda: None, None, form.image)
        quiet(form.make.click, picture.clear, picture.view, picture.outputs)
        made = quiet(
            form.make.click,
            self.make_mesh,
            [self.visitor, mesh.view, *form.mesh_fields],
            [self.visitor, *mesh.outputs, self.recent],
            js=in_sight("image-mesh-side"),
        )
        mesh.then_view(made)
        made = quiet(
            picture.make_3d.click,
            self.make_mesh_of_result,
            [self.visitor, mesh.view, picture.shown, picture.chosen, form.mesh_model, form.resolution],
            [*mesh.outputs, self.recent],
            js=in_sight("image-mesh-side"),
        )
        mesh.then_view(made)

    def _listen_to_cards(self) -> None:
        """Connect the strip of earlier work; a new choice wins over one that is still being shown."""
        picture, mesh, listen = self.picture, self.mesh, self.recent.select
        wish = [self.visitor, picture.shown, picture.view]
        opened = quiet(listen, self.open, wish, picture.outputs, trigger_mode="multiple")
        quiet(opened.then, self.cards, self.visitor, self.recent)
        quiet(picture.shown.change, self.cards, self.visitor, self.recent)
        wish = [self.visitor, mesh.shown, mesh.view]
        opened = quiet(listen, self.open_mesh, wish, mesh.outputs, trigger_mode="multiple")
        mesh.then_view(opened)

    async def draw(self, kind: str, visitor: Any, view: View, *values: Any) -> AsyncIterator[Update]:
        """Keep the picture, queue what is asked for, then show it take shape."""
        visitor = known_visitor(visitor)
        with told():
            request = parse_request(await asyncio.to_thread(self._request, kind, values))
            record = await asyncio.to_thread(self.desk.submit, request, new_key(visitor))
        async for update in self.picture.follow(record.key, view, live=True):
            yield update | {self.visitor: visitor}

    async def look_at(self, image: Any) -> None:
        """Refuse a file that is no picture, at once."""
        with told():
            await asyncio.to_thread(picture_reference, image, self.settings)

    async def make_mesh(self, visitor: Any, view: View, *values: Any) -> AsyncIterator[Update]:
        """Keep the picture, queue its mesh, then show it take shape."""
        visitor = known_visitor(visitor)
        fields = self.form.mesh_request(values)
        name = words.mesh_name(uploaded_name(fields["image"]))
        with told():
            reference = await asyncio.to_thread(picture_reference, fields["image"], self.settings)
        record = await self.mesh.submit(visitor, fields | {"image": reference, "file_name": name})
        cards = partial(self._cards, visitor)
        async for update in self.mesh.follow(record.key, view, cards, live=True):
            yield update | {self.visitor: visitor}

    async def make_mesh_of_result(
        self, visitor: Any, view: View, key: Any, name: Any, model: Any, resolution: Any
    ) -> AsyncIterator[Update]:
        """Make a mesh of the chosen result."""
        with told():
            own_record(self.desk, visitor, key)
        fields = {"image": f"artifacts/{key}/{name}", "model": model, "resolution": resolution}
        record = await self.mesh.submit(visitor, fields)
        async for update in self.mesh.follow(record.key, view, partial(self._cards, visitor), live=True):
            yield update

    async def resume(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the picture that is being made, or the newest."""
        record = await asyncio.to_thread(self._latest, visitor)
        key = record.key if record is not None and record.kind in IMAGE_KINDS else None
        async for update in self._show(key, view):
            yield update

    async def resume_mesh(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the mesh that is being made, the newest, or the one of the newest picture."""
        record = await asyncio.to_thread(self._latest, visitor)
        async for update in self._show_mesh(record, visitor, view):
            yield update

    async def open(self, visitor: Any, shown: Any, view: View, event: gr.EventData) -> AsyncIterator[Update]:
        """Show an earlier picture, delete it, or make room for an earlier mesh."""
        delete = event.what == "delete"
        with told():
            record = await asyncio.to_thread(own_record, self.desk, visitor, event.pick)
            if delete:
                await asyncio.to_thread(delete_own, self.desk, visitor, event.pick)
        if delete and event.pick != shown:
            yield {self.picture.shown: gr.skip()}
            return
        async for update in self._show(
            None if delete or record.kind not in IMAGE_KINDS else record.key, view
        ):
            yield update

    async def open_mesh(
        self, visitor: Any, shown: Any, view: View, event: gr.EventData
    ) -> AsyncIterator[Update]:
        """Show an earlier mesh, or the one of an earlier picture; none where it is being deleted."""
        if event.what == "delete":
            gone = await asyncio.to_thread(self._goes_with, visitor, shown, event.pick)
            yield self.mesh.clear(view) if gone else {self.mesh.shown: gr.skip()}
            return
        with told():
            record = await asyncio.to_thread(own_record, self.desk, visitor, event.pick)
        async for update in self._show_mesh(record, visitor, view):
            yield update

    def _goes_with(self, visitor: Any, shown: Any, pick: Any) -> bool:
        """Whether the shown mesh is deleted with what was picked, or is already."""
        if shown is None:
            return False
        try:
            first = origin(self.desk, own_record(self.desk, visitor, shown))
        except MaquetteError:
            return True
        return pick in (first.key, source_key(first))

    async def _show(self, key: str | None, view: View) -> AsyncIterator[Update]:
        """A picture's job in its panel, or the empty panel."""
        if key is None:
            yield self.picture.clear(view)
            return
        async for update in self.picture.follow(key, view):
            yield update

    async def _show_mesh(self, record: "JobRecord | None", visitor: Any, view: View) -> AsyncIterator[Update]:
        """The mesh of a job in its panel, or the empty panel."""
        if record is not None and record.kind in IMAGE_KINDS:
            record = await asyncio.to_thread(mesh_of, self.desk, visitor, record.key)
        elif record is not None:
            record = await asyncio.to_thread(made_anew, self.desk, visitor, record.key) or record
        if record is None:
            yield self.mesh.clear(view)
            return
        async for update in self.mesh.follow(record.key, view, dict):
            yield update

    def _latest(self, visitor: Any) -> "JobRecord | None":
        """The oldest job of the tab in the making, else the newest."""
        mine = own_images(self.desk, visitor)
        return next((r for r in reversed(mine) if not r.final), mine[0] if mine else None)

    def _request(self, kind: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request of a kind, its picture and paint kept, and its growth in pixels."""
        paint, image, grow = values[0], values[1], values[4]
        reference = picture_reference(image, self.settings)
        request = self.form.request(kind, values) | {"image": reference}
        if kind != "inpaint":
            return request
        picture = open_picture(resolve(reference, self.settings.data_dir))
        sides = {
            "grow_left": picture.width,
            "grow_right": picture.width,
            "grow_top": picture.height,
            "grow_bottom": picture.height,
        }
        grown = {name: round(side * GROWN) for name, side in sides.items() if name in (grow or ())}
        return request | grown | {"mask": self.form.paint.mask(paint, reference)}

    def cards(self, visitor: Any) -> str:
        """The strip of earlier work."""
        return recent_images(self.desk, visitor)

    def _cards(self, visitor: Any) -> Update:
        """The strip of earlier work, for an event that shows more."""
        return {self.recent: self.cards(visitor)}
