"""The Sketch tab: a drawing becomes a picture while one draws, and the picture a mesh."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr
from pydantic import ValidationError

from models.errors import MaquetteError
from pipelines.live_sketch import Follower, LiveSketch
from pipelines.requests import Sketching
from ui.addresses import drawn_picture
from ui.events import quiet
from ui.prompt_tab import PromptTab
from ui.sketch_form import SketchForm
from ui.sketch_pad import SIDE, sent
from ui.stage import live_pane, picture_pane
from ui.view import View

if TYPE_CHECKING:
    from jobs.desk import Desk
    from models.store import ModelStore
    from pipelines.live import Live
    from ui.settings import Settings

_AS_IS = "(...values) => values"


class SketchTab(PromptTab):
    """The Prompt tab's walk with a sheet of paper before it; pictures follow the drawing by themselves."""

    kinds = ("sketch_to_image",)
    name, mesh_id, strip_id = "sketch-", "sketch-mesh", "sketch-recent"
    form: SketchForm

    def __init__(
        self,
        desk: "Desk",
        store: "ModelStore",
        settings: "Settings",
        live: "Live",
        visitor: gr.BrowserState,
    ) -> None:
        super().__init__(desk, store, settings, live, visitor)
        self.sketches = LiveSketch(store)
        form, picture, follower = self.form, self.picture, gr.State(Follower())
        style = form.style.scheduler.input, form.style.loras.input, form.style.strength.release
        changed = [form.pad.pane.input, form.temperature.release, *style]
        quiet(
            partial(gr.on, changed),
            self.follow_sketch,
            [picture.view, follower, *form.fields],
            picture.pane,
            js=sent(2, _AS_IS),
            trigger_mode="always_last",
        )

    async def follow_sketch(self, view: View, follower: Follower, *values: Any) -> Any:
        """The picture of the drawing as it is now, in few steps, unless a job draws or nothing changed."""
        return await asyncio.to_thread(self._follow, view, follower, self.form.request(values))

    def _form(self, store: "ModelStore") -> SketchForm:
        return SketchForm(store, self.settings)

    def _request(self, kind: str, values: tuple[Any, ...]) -> dict[str, Any]:
        request = super()._request(kind, values)
        return request | {"image": self.form.pad.keep(request["image"])}

    def _sent(self, then: str) -> str:
        """The paper goes with what is asked for."""
        return sent(2, then)

    def _follow(self, view: View, follower: Follower, values: dict[str, Any]) -> Any:
        """The pane with the picture, or no update; whatever is wrong is told when Generate is pressed."""
        turn = view.turn
        try:
            found = None if view.busy else self._live(follower, values)
        except (MaquetteError, ValidationError):
            return gr.skip()
        if found is None or view.turn != turn:  # Generate was pressed meanwhile
            return gr.skip()
        view.begin()
        return found

    def _live(self, follower: Follower, values: dict[str, Any]) -> str | None:
        """The pane for a drawing, None where it shows that already or cannot follow."""
        from pipelines.scribble import scribble_of

        names = ("prompt", "negative_prompt", "model", "temperature", "scheduler", "loras")
        request = Sketching(**{name: values[name] for name in names}, seed=values["seed"] or 0)
        if not self.sketches.follows(request.model):
            return None
        side = self.sketches.side(request)
        try:
            scribble = scribble_of(drawn_picture(values["image"], "sketch", SIDE), side, side)
        except MaquetteError as error:
            if error.code != "BAD_IMAGE" or not follower.forget():
                return None
            return picture_pane(None, None)
        return live_pane(self.sketches.draw(request, scribble)) if follower.news(scribble, request) else None
