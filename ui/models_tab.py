"""The Models tab: what there is, what is here, and getting or removing it."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import gradio as gr

from models.errors import MaquetteError
from ui.errors import told
from ui.events import quiet
from ui.models_list import PRESS, models_list
from ui.view import View
from ui.visitor import is_owner

if TYPE_CHECKING:
    from models.store import ModelStore
    from ui.settings import Settings

LOOK_SECONDS = 0.5  # between two looks at downloads


class ModelsTab:
    """Made inside the tab; downloads go on when the page is closed."""

    def __init__(self, store: "ModelStore", settings: "Settings", tab: gr.Tab) -> None:
        self.store, self.settings = store, settings
        self.list = gr.HTML("", js_on_load=PRESS, apply_default_css=False, elem_id="models")
        self.view = gr.State(View())
        quiet(tab.select, self.show, self.view, self.list)
        quiet(self.list.select, self.press, self.view, self.list, trigger_mode="multiple")

    async def show(self, view: View, request: gr.Request) -> AsyncIterator[str]:
        """The list, anew while something is downloaded, until another event shows it."""
        owner, turn, last = is_owner(self.settings, request), view.begin(), ""
        while turn == view.turn:
            loading = any(self.store.downloads.running(name) for name in self.store.shelf.cards)
            listed = await asyncio.to_thread(models_list, self.store, owner=owner)
            if listed != last and turn == view.turn:
                yield listed
            if not loading:
                break
            last = listed
            await asyncio.sleep(LOOK_SECONDS)

    async def press(self, view: View, event: gr.EventData, request: gr.Request) -> AsyncIterator[str]:
        """Do what a button says, then show what became of it.

        Raises:
            gr.Error: BAD_REQUEST for who may not, or for what cannot be done.
        """
        with told():
            await asyncio.to_thread(
                self.change, request, *(str(getattr(event, field, "")) for field in ("what", "name"))
            )
        async for listed in self.show(view, request):
            yield listed

    def change(self, request: gr.Request, what: str, name: str) -> None:
        """Change one model, whether or not a button offered it.

        Raises:
            MaquetteError: BAD_REQUEST for who may not, an unknown name, or what cannot be done.
        """
        if not is_owner(self.settings, request):
            raise MaquetteError("BAD_REQUEST", "Only whoever runs this server can change its models.")
        self.store.card(name)
        if what == "download":
            self.store.download(name)
        elif what == "stop":
            self.store.downloads.stop(name)
        elif what == "unload":
            self.store.discard(name)
        elif what == "remove":
            self.store.remove(name)
