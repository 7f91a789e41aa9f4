"""The Picture tab: a picture of the visitor's own becomes a mesh."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from models.catalogue import find_card
from pipelines.requests import ImageToMesh
from ui import words
from ui.errors import told
from ui.events import quiet
from ui.form import model_choices, slider
from ui.guard import refuse_addresses
from ui.mask_brush import MaskBrush
from ui.mesh_panel import MeshPanel
from ui.recent import own_uploads, recent_meshes
from ui.stage import PICK
from ui.uploads import picture_reference, uploaded_name
from ui.view import View
from ui.visitor import delete_own, known_visitor, made_anew, origin, own_record

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord
    from models.store import ModelStore
    from pipelines.live import Live
    from ui.settings import Settings

Update = dict[Any, Any]
BACKGROUNDS = [("Automatic", "auto"), ("Keep", "keep"), ("Plain colour", "fill")]
OBJECTS = [("One mesh", "one"), ("A mesh of each object", "each")]


class PictureTab:
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
                self._fields(store)
            with gr.Column(scale=6, min_width=320):
                self.mesh = MeshPanel(
                    desk, live, visitor, "upload-mesh", "The mesh of your picture appears here."
                )
        self.recent = gr.HTML("", js_on_load=PICK, apply_default_css=False, elem_id="recent-meshes")
        self._listen()

    def load(self, visit: Any) -> None:
        """Show a visitor's running or latest mesh again once the page knows who it is."""
        again = quiet(
            visit.then, self.resume, [self.visitor, self.mesh.view], [*self.mesh.outputs, self.recent]
        )
        self.mesh.then_view(again)

    def _fields(self, store: "ModelStore") -> None:
        """The picture and the few things to set."""
        fields = ImageToMesh.model_fields
        self.image = gr.Image(
            label="Picture",
            type="filepath",
            image_mode=None,
            sources=["upload", "clipboard"],
            buttons=[],
            height=360,
            placeholder="Drop a picture of one object here",
            elem_id="upload",
        )
        refuse_addresses(self.image)
        self.make = gr.Button("Make 3D", variant="primary", size="lg", elem_id="make-upload-3d")
        with gr.Accordion("More settings", open=False, elem_id="upload-more", elem_classes=["mq-more"]):
            self.background = gr.Dropdown(
                BACKGROUNDS + model_choices(store, "background"),
                value=fields["background"].default,
                label="Background",
                elem_id="upload-background",
            )
            self.brush = MaskBrush(store, self.settings, self.image, self.background)
            self.objects = gr.Radio(OBJECTS, value=fields["objects"].default, label="Objects")
            with gr.Row():
                share, detail = fields["foreground_ratio"].default, fields["resolution"].default
                self.ratio = slider(0.5, 1, share, 0.01, "Object's share", "upload-ratio")
                self.resolution = slider(16, 512, detail, 16, "Mesh detail", "upload-resolution")
            with gr.Row():
                self.threshold = gr.Number(fields["threshold"].default, label="Threshold", min_width=130)
                self.model = gr.Dropdown(
                    model_choices(store, "mesh"), value=find_card("starter-mesh").name, label="Mesh model"
                )

    def _listen(self) -> None:
        """Connect the fields, buttons and cards; a file that is no picture is told at once and not kept."""
        looked_at = quiet(self.image.upload, self.look_at, self.image, None)
        quiet(looked_at.failure, lambda: None, None, self.image)
        mesh, outputs = self.mesh, [*self.mesh.outputs, self.recent]
        fields = [self.image, self.background, self.ratio, self.resolution, self.threshold, self.model]
        fields += [self.objects, self.brush.mask]
        made = quiet(
            self.make.click, self.make_mesh, [self.visitor, mesh.view, *fields], [self.visitor, *outputs]
        )
        mesh.then_view(made)
        opened = quiet(
            self.recent.select,
            self.open,
            [self.visitor, mesh.shown, mesh.view],
            outputs,
            trigger_mode="multiple",
        )
        mesh.then_view(opened)

    async def look_at(self, image: Any) -> None:
        """Refuse a file that is no picture."""
        with told():
            await asyncio.to_thread(picture_reference, image, self.settings)

    async def make_mesh(self, visitor: Any, view: View, image: Any, *values: Any) -> AsyncIterator[Update]:
        """Keep the picture, queue its mesh, then show it take shape."""
        visitor = known_visitor(visitor)
        background, ratio, resolution, threshold, model, objects, mask = values
        with told():
            reference = await asyncio.to_thread(picture_reference, image, self.settings)
        fields = {
            "image": reference,
            "file_name": words.mesh_name(uploaded_name(image)),
            "background": background,
            "foreground_ratio": ratio,
            "resolution": resolution,
            "threshold": threshold,
            "model": model,
            "objects": objects,
            "mask": mask,
        }
        record = await self.mesh.submit(visitor, fields)
        cards = partial(self._cards, visitor)
        async for update in self.mesh.follow(record.key, view, cards, live=True):
            yield update | {self.visitor: visitor}

    async def resume(self, visitor: Any, view: View) -> AsyncIterator[Update]:
        """After a reload: the mesh that is being made, or the newest."""
        mine = await asyncio.to_thread(own_uploads, self.desk, visitor)
        record = next((r for r in reversed(mine) if not r.final), mine[0] if mine else None)
        async for update in self._show(record, visitor, view):
            yield update

    async def open(self, visitor: Any, shown: Any, view: View, event: gr.EventData) -> AsyncIterator[Update]:
        """Show an earlier mesh, or delete it."""
        delete = event.what == "delete"
        if delete and shown is not None:  # a mesh made anew goes with the one that it was made of
            shown = origin(self.desk, own_record(self.desk, visitor, shown)).key
        with told():
            record = await asyncio.to_thread(own_record, self.desk, visitor, event.pick)
            if delete:
                await asyncio.to_thread(delete_own, self.desk, visitor, event.pick)
        if delete and event.pick != shown:
            yield self._cards(visitor)
            return
        async for update in self._show(None if delete else record, visitor, view):
            yield update

    async def _show(self, record: "JobRecord | None", visitor: Any, view: View) -> AsyncIterator[Update]:
        """A job in the panel, or the empty panel, with the cards below."""
        cards = partial(self._cards, visitor)
        if record is None:
            yield self.mesh.clear(view) | cards()
            return
        record = await asyncio.to_thread(made_anew, self.desk, visitor, record.key) or record
        async for update in self.mesh.follow(record.key, view, cards):
            yield update

    def _cards(self, visitor: Any) -> Update:
        """The strip of earlier meshes."""
        return {self.recent: recent_meshes(self.desk, visitor)}
