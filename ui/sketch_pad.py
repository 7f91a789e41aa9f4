"""The paper of the Sketch tab: drawn upon in the browser, kept by the server when a picture is asked for."""

import asyncio
import base64
import binascii
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from PIL import Image, ImageOps

from models.errors import MaquetteError
from ui.errors import told
from ui.events import quiet
from ui.icons import BRUSH, CLEAR, ERASER, UNDO, UPLOAD
from ui.uploads import picture_reference

if TYPE_CHECKING:
    from ui.settings import Settings

SIDE = 512  # of the paper in pixels
MOST_BYTES = 2**20
PREFIX = "data:image/png;base64,"
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
            MaquetteError: BAD_IMAGE for paper without a stroke, else as `opened`.
        """
        from pipelines.pictures import keep_input

        sketch = opened(address)
        self.drawn(sketch)
        return keep_input(sketch, self.settings.data_dir)


def opened(address: object) -> Image.Image:
    """The picture of a data address from the browser.

    Raises:
        MaquetteError: BAD_REQUEST for anything but a small PNG, BAD_IMAGE for a broken one.
    """
    from pipelines.pictures import open_picture

    if not isinstance(address, str) or not address.startswith(PREFIX) or len(address) > MOST_BYTES:
        raise MaquetteError("BAD_REQUEST", f"sketch: not a PNG of at most {MOST_BYTES // 2**10} KB")
    try:
        content = base64.b64decode(address.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise MaquetteError("BAD_REQUEST", "sketch: its base64 is damaged") from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sketch.png"
        path.write_bytes(content)
        return open_picture(path, max_pixels=SIDE * SIDE, max_bytes=MOST_BYTES)


def pad(drawing: Image.Image | None = None, *, fresh: bool = False) -> str:
    """The tools and the paper, blank or with a drawing; a `fresh` one is told as a stroke is."""
    mark = "" if drawing is None else f' data-drawing="{_address(drawing)}"'
    mark += ' data-fresh="1"' if fresh else ""
    return (
        f'<div class="mq-pad"><canvas width="{SIDE}" height="{SIDE}" tabindex="0" aria-label="Sketch"{mark}>'
        f'</canvas><div class="mq-pad-tools" role="toolbar" aria-label="Drawing">{_tools()}</div></div>'
    )


def _tools() -> str:
    """The bar below the paper."""
    return (
        button("tool", "brush", "Brush", BRUSH, ' aria-pressed="true"')
        + button("tool", "eraser", "Eraser", ERASER, ' aria-pressed="false"')
        + '<input type="range" min="3" max="28" value="8" title="Size" aria-label="Size">'
        + button("act", "undo", "Undo", UNDO)
        + button("act", "clear", "Clear", CLEAR)
        + f'<label title="Upload a drawing" aria-label="Upload a drawing">{UPLOAD}'
        '<input type="file" accept="image/*"></label>'
    )


def button(kind: str, what: str, label: str, icon: str, more: str = "") -> str:
    """One button of the bar."""
    told = f'title="{label}" aria-label="{label}"{more}'
    return f'<button type="button" data-{kind}="{what}" {told}>{icon}</button>'


def sent(place: int, then: str, pad: str = "sketch-pad") -> str:
    """JavaScript that puts a pad's paper in the place of a value, then does as the other script says."""
    return f"""(...values) => {{
        values[{place}] = document.querySelector('#{pad} canvas')?.toDataURL('image/png');
        return ({then})(...values);
    }}"""


def _address(picture: Image.Image) -> str:
    """A picture as a data address."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    return PREFIX + base64.b64encode(buffer.getvalue()).decode("ascii")
