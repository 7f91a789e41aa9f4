"""What the tabs share: a form, the picture that comes of it, the picture's mesh, and earlier work."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import gradio as gr

from pipelines.requests import parse_request
from ui.drawing_form import DrawingForm
from ui.errors import told
from ui.events import in_sight, quiet
from ui.mesh_panel import MeshPanel
from ui.picture_panel import PicturePanel
from ui.stage import HINT
from ui.strip import Strip
from ui.view import View
from ui.visitor import known_visitor, new_key, own_record

if TYPE_CHECKING:
    from jobs.desk import Desk
    from models.store import ModelStore
    from pipelines.live import Live
    from ui.settings import Settings

Update: TypeAlias = dict[Any, Any]


class Walk(ABC):
    """Made inside a tab; `load` is called once per visit."""

    kinds: tuple[str, ...]  # of the jobs in the strip
    name: str  # before the ids of its parts
    mesh_id: str
    strip_id: str
    hint = HINT
    breadth = 5  # of the form, where a panel has 6
    form: DrawingForm

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
            with gr.Column(scale=self.breadth, min_width=320, elem_classes=["mq-form"]):
                self.form = self._form(store)
            with gr.Column(scale=6, min_width=320, elem_id=f"{self.name}picture-side"):
                self.picture = PicturePanel(desk, visitor, self.name)
            with gr.Column(scale=6, min_width=320, elem_id=f"{self.name}mesh-side"):
                self.mesh = MeshPanel(desk, live, visitor, self.mesh_id, self.hint)
        self.strip = Strip(desk, visitor, self.kinds, self.picture, self.mesh, self.strip_id)
        self._listen_to_form()
        wish = [self.picture.shown, self.picture.chosen, self.form.mesh_model, self.form.resolution]
        self._meshing(self.picture.make_3d.click, self.make_mesh, wish)

    def load(self, visit: Any) -> None:
        """Show a visitor's running or latest job again once the page knows who it is."""
        self.strip.load(visit)

    @abstractmethod
    def _form(self, store: "ModelStore") -> DrawingForm:
        """What a visitor fills in."""

    @abstractmethod
    def _listen_to_form(self) -> None:
        """Connect what asks for pictures."""

    @abstractmethod
    def _request(self, kind: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request of a kind that the form describes, unchecked, with its pictures kept."""

    def _sent(self, then: str) -> str:
        """What the browser does as a picture is asked for."""
        return then

    def _drawing(self, asked: Any, kind: str) -> None:
        """Connect an event to a drawing of a kind."""
        drawn = quiet(
            asked,
            partial(self.draw, kind),
            [self.visitor, self.picture.view, *self.form.fields, self.mesh.view],
            [*self.picture.outputs, *self.mesh.outputs],
            js=self._sent(in_sight(f"{self.name}picture-side")),
        )
        self.strip.then_cards(drawn)

    def _meshing(self, asked: Any, answer: Any, wish: list[Any]) -> None:
        """Connect an event to what makes a mesh of a wish."""
        made = quiet(
            asked,
            answer,
            [self.visitor, self.mesh.view, *wish],
            [*self.mesh.outputs, *self.picture.outputs, self.strip.pane],
            js=in_sight(f"{self.name}mesh-side"),
        )
        self.mesh.then_view(made)

    async def draw(self, kind: str, visitor: Any, view: View, *values: Any) -> AsyncIterator[Update]:
        """Queue what the form asks for, then show it take shape; an old mesh is none of the new picture.

        `values` are the form's fields, and the view of the mesh.
        """
        *fields, beside = values
        with told():
            request = parse_request(await asyncio.to_thread(self._request, kind, tuple(fields)))
            key = new_key(known_visitor(visitor))
            record = await asyncio.to_thread(self.desk.submit, request, key)
        yield self.mesh.clear(beside)
        async for update in self.picture.follow(record.key, view, live=True):
            yield update

    async def make_mesh(
        self, visitor: Any, view: View, key: Any, name: Any, model: Any, resolution: Any
    ) -> AsyncIterator[Update]:
        """Make a mesh of the chosen picture."""
        with told():
            own_record(self.desk, visitor, key)
        fields = {"image": f"artifacts/{key}/{name}", "model": model, "resolution": resolution}
        async for update in self._follow_mesh(visitor, view, fields):
            yield update

    async def _follow_mesh(
        self, visitor: str, view: View, fields: dict[str, Any], first: Callable[[], Update] | None = None
    ) -> AsyncIterator[Update]:
        """Queue a mesh, then show it take shape, and its card; `first` tells what else changes with it."""
        record = await self.mesh.submit(visitor, fields)
        if first is not None:
            yield first()
        async for update in self.mesh.follow(record.key, view, partial(self._cards, visitor), live=True):
            yield update

    def _cards(self, visitor: str) -> Update:
        """The strip of earlier work, for an event that shows more."""
        return {self.strip.pane: self.strip.cards(visitor)}
