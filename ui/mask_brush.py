"""The mask of an uploaded picture: found by itself, then brushed by the visitor."""

import asyncio
from typing import TYPE_CHECKING, Any

import gradio as gr
from PIL import Image

from pipelines.requests import parse_request
from ui.addresses import drawn_picture, png_address
from ui.errors import told
from ui.events import quiet
from ui.uploads import picture_reference

if TYPE_CHECKING:
    from models.store import ModelStore
    from ui.settings import Settings

SIDE = 512  # longest side of the mask in pixels
# What is no object is covered; a stroke uncovers or covers. Every stroke's end sends the whole mask.
_BRUSH = """
const begin = (canvas) => {
    const mask = new Image();
    mask.onload = () => canvas.getContext('2d').drawImage(mask, 0, 0);
    mask.src = canvas.dataset.mask;
    canvas.dataset.begun = '1';
};
const look = () => element.querySelectorAll('canvas[data-mask]:not([data-begun])').forEach(begin);
new MutationObserver(look).observe(element, {subtree: true, childList: true});
look();
let last = null;
const place = (event, canvas) => {
    const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale, scale];
};
const stroke = (event, canvas) => {
    const [x, y, scale] = place(event, canvas), context = canvas.getContext('2d');
    const remove = element.querySelector('[name=mq-brush]:checked')?.value === 'remove';
    context.strokeStyle = remove ? '#000' : '#fff';
    context.lineWidth = 22 * scale;
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(...(last || [x, y]));
    context.lineTo(x, y);
    context.stroke();
    last = [x, y];
};
element.addEventListener('pointerdown', (event) => {
    if (!event.target.matches('canvas[data-mask]')) return;
    event.target.setPointerCapture(event.pointerId);
    last = null;
    stroke(event, event.target);
});
element.addEventListener('pointermove', (event) => {
    if (last && event.target.matches('canvas[data-mask]')) stroke(event, event.target);
});
element.addEventListener('pointerup', (event) => {
    if (!last) return;
    last = null;
    trigger('select', {mask: event.target.toDataURL('image/png')});
});
"""


class MaskBrush:
    """Made among a picture's settings; `mask` holds the reference of the brushed mask, or None."""

    def __init__(self, store: "ModelStore", settings: "Settings", image: Any, background: Any) -> None:
        self.store, self.settings = store, settings
        self.mask = gr.State(None)
        self.open = gr.Button("Brush the mask", size="sm", elem_id="brush-mask")
        self.pane = gr.HTML("", js_on_load=_BRUSH, apply_default_css=False, elem_id="mask")
        quiet(self.open.click, self.show, [image, background], [self.pane, self.mask])
        quiet(self.pane.select, self.keep, None, self.mask)
        for changed in (image.change, background.change):
            quiet(changed, self.forget, None, [self.pane, self.mask])

    async def show(self, image: Any, background: Any) -> tuple[str, None]:
        """The picture under the mask that is found in it, to brush."""
        with told():
            return await asyncio.to_thread(self._show, image, background), None

    def keep(self, event: gr.EventData) -> Any:
        """Keep the mask that the browser sends after a stroke, and return its reference."""
        with told():
            return self._keep(event.mask)

    def forget(self) -> tuple[str, None]:
        """Nothing brushed, as the picture is another."""
        return "", None

    def _show(self, image: Any, background: Any) -> str:
        from pipelines.object_search import find_object
        from pipelines.pictures import open_picture, resolve

        reference = picture_reference(image, self.settings)
        request = parse_request({"kind": "image_to_mesh", "image": reference, "background": background})
        picture = open_picture(resolve(reference, self.settings.data_dir))
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        found = find_object(self.store, picture, request.model_dump()["background"])
        size = f'width="{picture.width}" height="{picture.height}"'
        return (
            f'<div class="mq-brush"><img src="{png_address(picture)}" alt="">'
            f'<canvas {size} data-mask="{png_address(found.getchannel("A"))}"></canvas></div>'
            '<div class="mq-brush-kind"><label><input type="radio" name="mq-brush" value="add" checked>'
            'Object</label><label><input type="radio" name="mq-brush" value="remove">Background</label></div>'
        )

    def _keep(self, address: object) -> str:
        """A mask as the browser sends it becomes a reference.

        Raises:
            MaquetteError: BAD_REQUEST for anything but a small PNG, BAD_IMAGE for a broken one.
        """
        from pipelines.pictures import keep_input

        return keep_input(drawn_picture(address, "mask", SIDE), self.settings.data_dir)
