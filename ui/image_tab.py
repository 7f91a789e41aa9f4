"""The Image tab: a picture of the visitor's own becomes a mesh, or another picture."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

from models.errors import MaquetteError
from pipelines.pictures import open_picture, resolve
from ui import words
from ui.errors import told
from ui.events import quiet
from ui.image_form import GROWN, ImageForm
from ui.paint_pad import PAD
from ui.sketch_pad import sent
from ui.uploads import picture_reference, uploaded_name
from ui.view import View
from ui.visitor import known_visitor
from ui.walk import Update, Walk

if TYPE_CHECKING:
    from models.store import ModelStore


class ImageTab(Walk):
    """A walk from a picture: straight to its mesh, or by way of another picture."""

    kinds = ("image_to_image", "inpaint", "upscale", "image_to_mesh")
    name, mesh_id, strip_id = "image-", "upload-mesh", "recent-meshes"
    hint = "The mesh of your picture appears here."
    breadth = 6
    form: ImageForm

    def draw_after(self, event: Any) -> None:
        """Vary the picture of the form once an event has put it there."""
        self._drawing(event.success, "image_to_image")

    def _form(self, store: "ModelStore") -> ImageForm:
        return ImageForm(store, self.settings)

    def _listen_to_form(self) -> None:
        form = self.form
        looked_at = quiet(form.image.upload, self.look_at, form.image, None)
        quiet(looked_at.failure, lambda: None, None, form.image)
        self._meshing(form.make.click, self.make_mesh_of_upload, [*form.mesh_fields, self.picture.view])
        self._drawing(form.vary.click, "image_to_image")
        self._drawing(form.over.click, "inpaint")
        self._drawing(form.enlarge.click, "upscale")

    def _sent(self, then: str) -> str:
        """The paint goes with what is asked for."""
        return sent(2, then, PAD)

    async def look_at(self, image: Any) -> None:
        """Refuse a file that is no picture, at once."""
        with told():
            await asyncio.to_thread(picture_reference, image, self.settings)

    async def make_mesh_of_upload(self, visitor: Any, view: View, *values: Any) -> AsyncIterator[Update]:
        """Keep the picture, queue its mesh, then show it take shape, and no result beside it.

        `values` are the form's fields for meshes, and the view of the result.
        """
        *asked, beside = values
        fields = self.form.mesh_request(tuple(asked))
        name = words.mesh_name(uploaded_name(fields["image"]))
        with told():
            reference = await asyncio.to_thread(self._keep, fields["image"])
        wish = fields | {"image": reference, "file_name": name}
        clear = partial(self.picture.clear, beside)
        async for update in self._follow_mesh(known_visitor(visitor), view, wish, clear):
            yield update

    def _request(self, kind: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request of a kind, its picture and paint kept, and its growth in pixels."""
        paint, image, grow = values[:3]
        reference = self._keep(image)
        request = self.form.picture_request(kind, values) | {"image": reference}
        if kind != "inpaint":
            return request
        picture = open_picture(resolve(reference, self.settings.data_dir))
        sides = {
            "grow_left": picture.width,
            "grow_right": picture.width,
            "grow_top": picture.height,
            "grow_bottom": picture.height,
        }
        grown = {name: round(side * GROWN) for name, side in sides.items() if name in (grow or ())}
        mask = self.form.paint.mask(paint, reference)
        if mask is None and not grown:
            raise MaquetteError(
                "BAD_REQUEST", "Nothing is painted: brush over what shall be drawn anew, or grow a side."
            )
        return request | grown | {"mask": mask}

    def _keep(self, image: Any) -> Any:
        """The reference of the tab's picture.

        Raises:
            MaquetteError: BAD_REQUEST where there is none yet, else as `picture_reference`.
        """
        if not image:
            raise MaquetteError("BAD_REQUEST", "There is no picture yet: drop one, or choose a file.")
        return picture_reference(image, self.settings)
