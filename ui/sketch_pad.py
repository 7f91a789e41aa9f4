"""The paper of the Sketch tab: drawn upon in the browser, kept by the server when a picture is asked for."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from PIL import Image, ImageOps

from models.errors import MaquetteError
from ui.addresses import drawn_picture, png_address
from ui.errors import told
from ui.events import quiet
from ui.pad_tools import pad_tools
from ui.uploads import picture_reference

if TYPE_CHECKING:
    from ui.settings import Settings

SIDE = 512  # of the paper in pixels
WIDTHS = 3, 28, 8  # of strokes
SCRIPT = Path(__file__).with_name("sketch_pad.js")


class SketchPad:
    """Made in the form; `pane.input` tells of strokes, and `sent` has the paper sent along with an event."""

    def __init__(self, settings: "Settings") -> None:
        self.settings = settings
        self.pane = gr.HTML(
            pad(), js_on_load=SCRIPT.read_text(), apply_default_css=False, elem_id="sketch-pad"
        )
        # Never seen: `sent` puts the paper in its place.
        self.ink = gr.Textbox(visible=False)
        quiet(self.pane.upload, self.load, None, self.pane)

    async def load(self, event: gr.EventData) -> str:
        """An uploaded drawing, cleaned, upon the paper: so it is seen before it is used."""
        with told():
            return await asyncio.to_thread(self._load, event.path)

    def _load(self, path: object) -> str:
        from pipelines.pictures import open_picture, resolve

        reference = picture_reference({"path": path}, self.settings)
        return pad(self.drawn(open_picture(resolve(reference, self.settings.data_dir))), fresh=True)

    def restore(self, reference: object) -> str:
        """The paper with the drawing of an earlier job."""
        from pipelines.pictures import open_picture, resolve

        try:
            return pad(self.drawn(open_picture(resolve(str(reference), self.settings.data_dir))))
        except MaquetteError:  # the drawing has gone meanwhile
            return pad()

    def drawn(self, picture: Image.Image) -> Image.Image:
        """A picture of a drawing as dark lines on white paper.

        Raises:
            MaquetteError: BAD_IMAGE where nothing is drawn.
        """
        from pipelines.scribble import scribble_of

        return ImageOps.invert(scribble_of(picture, SIDE, SIDE))

    def keep(self, address: object) -> str:
        """The reference of the paper as the browser sends it.

        Raises:
            MaquetteError: BAD_IMAGE for paper without a stroke, else as `drawn_picture`.
        """
        from pipelines.pictures import keep_input

        sketch = drawn_picture(address, "sketch", SIDE)
        self.drawn(sketch)
        return keep_input(sketch, self.settings.data_dir)


def pad(drawing: Image.Image | None = None, *, fresh: bool = False) -> str:
    """The tools and the paper, blank or with a drawing; a `fresh` one is told as a stroke is."""
    mark = "" if drawing is None else f' data-drawing="{png_address(drawing)}"'
    tools = pad_tools(WIDTHS, "Upload a drawing")
    mark += ' data-fresh="1"' if fresh else ""
    return (
        f'<div class="mq-pad"><canvas width="{SIDE}" height="{SIDE}" tabindex="0" aria-label="Sketch"'
        f' data-words="#sketch-prompt"{mark}>'
        f'</canvas><div class="mq-pad-tools" role="toolbar" aria-label="Drawing">{tools}</div></div>'
    )


def sent(place: int, then: str, pad: str = "sketch-pad") -> str:
    """JavaScript that puts a pad's paper in the place of a value, then does as the other script says."""
    return f"""(...values) => {{
        values[{place}] = document.querySelector('#{pad} canvas')?.toDataURL('image/png');
        return ({then})(...values);
    }}"""
