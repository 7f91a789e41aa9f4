"""The picture of the Image tab with what is painted over it, as the mask of what to draw anew."""

import asyncio
from typing import TYPE_CHECKING, Any

import gradio as gr
from PIL import Image

from models.errors import MaquetteError
from ui.addresses import jpeg_address
from ui.errors import told
from ui.events import quiet
from ui.pad_tools import pad_tools
from ui.sketch_pad import SCRIPT
from ui.uploads import content_of, picture_of, picture_reference

if TYPE_CHECKING:
    from ui.settings import Settings

SIDE = 768  # longest side of what is painted upon, in pixels
WIDTHS = 8, 160, 56  # of strokes
PAD = "paint-pad"


class PaintPad:
    """Made in the form below the picture; `sent` puts the paint in the place of `ink`."""

    def __init__(self, settings: "Settings", image: gr.Image) -> None:
        self.settings = settings
        self.pane = gr.HTML("", js_on_load=SCRIPT.read_text(), apply_default_css=False, elem_id=PAD)
        self.ink = gr.Textbox(visible=False)
        quiet(image.change, self.show, image, self.pane)
        quiet(self.pane.upload, self.replace, None, image)

    async def show(self, image: Any) -> str:
        """The picture under clear paper, nothing without a good one; the upload tells what is wrong."""
        try:
            return await asyncio.to_thread(self._show, image) if image else ""
        except MaquetteError:
            return ""

    async def replace(self, event: gr.EventData) -> Any:
        """Another picture that was uploaded or dropped here."""
        with told():
            await asyncio.to_thread(picture_reference, {"path": event.path}, self.settings)
        return event.path

    def mask(self, paint: object, reference: str) -> str | None:
        """The reference of the mask, of the picture's size and white where it is painted; None without paint.

        Raises:
            MaquetteError: BAD_REQUEST for what is no paint of the pad, BAD_IMAGE for broken paint.
        """
        from pipelines.pictures import keep_input, open_picture, resolve

        if not paint:
            return None
        content = content_of(str(paint), self.settings, "mask")
        if content is None:
            raise MaquetteError("BAD_REQUEST", "mask: it is not the paint of the page")
        found = picture_of(content, self.settings).convert("RGBA").getchannel("A")
        if found.getextrema()[1] == 0:
            return None
        picture = open_picture(resolve(reference, self.settings.data_dir))
        return keep_input(found.resize(picture.size, Image.Resampling.BILINEAR), self.settings.data_dir)

    def _show(self, image: Any) -> str:
        from pipelines.pictures import open_picture, resolve
        from pipelines.plain_background import opaque

        reference = picture_reference(image, self.settings)
        picture = opaque(open_picture(resolve(reference, self.settings.data_dir)))
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        tools = pad_tools(WIDTHS, "Another picture")
        size = f'width="{picture.width}" height="{picture.height}"'
        return (
            '<div class="mq-pad mq-paint">'
            f'<div class="mq-pad-tools" role="toolbar" aria-label="Mask">{tools}</div>'
            f'<div class="mq-over"><img src="{jpeg_address(picture, 90)}" alt="" draggable="false">'
            f'<canvas {size} data-clear tabindex="0" aria-label="Mask"></canvas></div></div>'
        )
