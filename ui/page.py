"""The page: a heading, the tabs, and the endpoints for programs."""

import asyncio
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import gradio as gr

from models.errors import MaquetteError
from pipelines.live import Live
from ui.api import Endpoints
from ui.errors import PASSING
from ui.events import quiet
from ui.guard import GuardedBlocks
from ui.hand_over import HandOver
from ui.icons import MARK
from ui.image_tab import ImageTab
from ui.lost_answers import fetch_lost_answers
from ui.models_tab import ModelsTab
from ui.prompt_tab import PromptTab
from ui.sketch_tab import SketchTab
from ui.sliders import STEADY
from ui.tabs import TABS
from ui.viewer import DAYLIGHT
from ui.visitor import known_visitor

if TYPE_CHECKING:
    from jobs.desk import Desk
    from models.store import ModelStore
    from ui.settings import Settings

TITLE = "Maquette"
# The browser keeps only a random name; the secret has to stay the same for it to outlive a restart.
STORAGE_KEY, STORAGE_SECRET = "maquette-visitor", "maquette"
CACHE_SECONDS = 6 * 3600
MOTTO = "Words become a picture, the picture a mesh."
_HEAD = f'<header class="mq-top">{MARK}<h1>{TITLE}</h1><p>{MOTTO}</p>{DAYLIGHT}</header>'


def build_page(desk: "Desk", store: "ModelStore", settings: "Settings") -> gr.Blocks:
    """The whole page, ready to launch; nothing is loaded by it."""
    with GuardedBlocks(
        title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(CACHE_SECONDS, CACHE_SECONDS)
    ) as page:
        visitor = gr.BrowserState(None, storage_key=STORAGE_KEY, secret=STORAGE_SECRET)
        gr.HTML(_HEAD, apply_default_css=False, js_on_load=STEADY + TABS + PASSING)
        live = Live(store, settings.data_dir)
        with gr.Tabs(elem_classes=["mq-tabs"]):
            with gr.Tab("Prompt", id="prompt"):
                prompt_tab = PromptTab(desk, store, settings, live, visitor)
            with gr.Tab("Sketch", id="sketch"):
                sketch_tab = SketchTab(desk, store, settings, live, visitor)
            with gr.Tab("Image", id="image"):
                image_tab = ImageTab(desk, store, settings, live, visitor)
            with gr.Tab("Models", id="models") as models:
                ModelsTab(store, settings, models)
        HandOver(desk, visitor, (prompt_tab.picture, sketch_tab.picture, image_tab.picture), image_tab)
        fetch_lost_answers()
        device = gr.HTML("", apply_default_css=False, js_on_load=None, elem_id="device")
        quiet(page.load, partial(device_line, store), None, device)
        visit = quiet(page.load, known_visitor, visitor, visitor)
        prompt_tab.load(visit)
        sketch_tab.load(visit)
        image_tab.load(visit)
        Endpoints(desk, store, settings).add()
    # Requests wait at the desk, which is bounded and fair; Gradio's own queue only carries what they tell.
    blocks: gr.Blocks = page
    blocks.queue(api_open=False, default_concurrency_limit=None)
    return blocks


async def device_line(store: "ModelStore") -> str:
    """Where the models run and why, as HTML; known once torch is there."""
    try:
        runtime = await asyncio.to_thread(lambda: store.runtime)
    except MaquetteError as error:
        return f'<div class="mq-device">{escape(error.message)}</div>'
    dtype = str(runtime.dtype).removeprefix("torch.")
    precision = "" if dtype in runtime.reason else f", in {dtype}"
    return f'<div class="mq-device">Runs on {escape(runtime.reason)}{precision}</div>'
