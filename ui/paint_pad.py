"""The picture of the Image tab with what is painted over it, as the mask of what to draw anew."""

import asyncio
import base64
import io
from typing import TYPE_CHECKING, Any

import gradio as gr
from PIL import Image

from models.errors import MaquetteError
from ui.errors import told
from ui.events import quiet
from ui.icons import BRUSH, CLEAR, ERASER, UNDO, UPLOAD
from ui.sketch_pad import SCRIPT, button
from ui.uploads import content_of, picture_of, picture_reference

if TYPE_CHECKING:
    from ui.settings import Settings

SIDE = 768  # longest side of what is painted upon, in pixels
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
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=90)
        address = "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
        size = f'width="{picture.width}" height="{picture.height}"'
        return (
            '<div class="mq-pad mq-paint">'
            f'<div class="mq-pad-tools" role="toolbar" aria-label="Mask">{_tools()}</div>'
            f'<div class="mq-over"><img src="{address}" alt="" draggable="false">'
            f'<canvas {size} data-clear tabindex="0" aria-label="Mask"></canvas></div></div>'
        )


def _tools() -> str:
    """The bar above the picture."""
    return (
        button("tool", "brush", "Brush", BRUSH, ' aria-pressed="true"')
        + button("tool", "eraser", "Eraser", ERASER, ' aria-pressed="false"')
        + '<input type="range" min="8" max="160" value="56" title="Size" aria-label="Size">'
        + button("act", "undo", "Undo", UNDO)
        + button("act", "clear", "Clear", CLEAR)
        + f'<label title="Another picture" aria-label="Another picture">{UPLOAD}'
        '<input type="file" accept="image/*"></label>'
    )
