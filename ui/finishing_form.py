"""What can be changed about a mesh that is there: the threshold live, the rest when the mesh is made anew."""

from typing import Any, get_args

import gradio as gr

from pipelines.mesh_requests import Format
from pipelines.requests import Finishing
from ui.numbers import number_or_none
from ui.sliders import slider

LEAST_THRESHOLD, MOST_THRESHOLD = 1, 100  # beyond, there is hardly ever a surface
TEXTURES = [("At the vertices", "vertex"), ("Texture", "texture"), ("Texture with the photo", "photo")]
SIZES = [512, 1024, 2048, 4096]


class FinishingForm:
    """Made below a viewer; `fields` in the order in which `request` takes their values."""

    def __init__(self, elem_id: str) -> None:
        usual = Finishing()
        with gr.Column(elem_classes=["mq-finish", "mq-form"], elem_id=f"{elem_id}-finish"):
            self.threshold = slider(
                LEAST_THRESHOLD,
                MOST_THRESHOLD,
                usual.threshold,
                0.5,
                "Threshold",
                f"{elem_id}-threshold",
                live=True,
                hint="Lower fills gaps, higher makes it thinner.",
            )
            with gr.Accordion("Shape, texture and files", open=False, elem_classes=["mq-more"]):
                self._shape(usual, elem_id)
                self._files(usual, elem_id)
                self.apply = gr.Button("Make it anew", elem_id=f"{elem_id}-apply")

    @property
    def fields(self) -> list[Any]:
        """The components whose values make a request."""
        shape = [self.threshold, self.resolution, self.smoothing, self.faces, self.floaters, self.holes]
        return [*shape, self.texture, self.size, self.formats, self.height, self.film]

    def request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The finish that the fields describe, unchecked."""
        threshold, resolution, smoothing, faces, floaters, holes, texture, size, formats, height, film = (
            values
        )
        return {
            "threshold": threshold,
            "resolution": resolution,
            "smoothing": smoothing,
            "target_faces": number_or_none(faces),
            "remove_floaters": Finishing().remove_floaters if floaters else 0.0,
            "fill_holes": holes,
            "texture": texture,
            "texture_size": size,
            "formats": formats,
            "print_height_mm": number_or_none(height),
            "turntable": film,
        }

    def filled(self, request: dict[str, Any]) -> dict[Any, Any]:
        """The fields as they were for an earlier mesh."""
        was = finish_of(request)
        faces, height = was.target_faces, was.print_height_mm
        shape = [was.threshold, was.resolution, was.smoothing, "" if faces is None else str(faces)]
        tidy = [was.remove_floaters > 0, was.fill_holes, was.texture, was.texture_size]
        files = [was.formats, "" if height is None else f"{height:g}", was.turntable]
        return dict(zip(self.fields, [*shape, *tidy, *files], strict=True))

    def _shape(self, usual: Finishing, elem_id: str) -> None:
        """The surface."""
        with gr.Row():
            self.resolution = slider(16, 512, usual.resolution, 16, "Mesh detail", f"{elem_id}-detail")
            name = f"{elem_id}-smoothing"
            self.smoothing = slider(0, 1, usual.smoothing, 0.05, "Smoothing", name, live=True)
        with gr.Row():
            self.faces = gr.Textbox(
                label="Faces at most", placeholder="as they come", max_lines=1, min_width=130
            )
            with gr.Column(min_width=130):
                self.floaters = gr.Checkbox(usual.remove_floaters > 0, label="Remove floaters")
                self.holes = gr.Checkbox(usual.fill_holes, label="Fill holes")

    def _files(self, usual: Finishing, elem_id: str) -> None:
        """Colours and files."""
        self.texture = gr.Radio(TEXTURES, value=usual.texture, label="Colours", elem_id=f"{elem_id}-texture")
        with gr.Row():
            self.size = gr.Dropdown(SIZES, value=usual.texture_size, label="Texture size", min_width=130)
            self.height = gr.Textbox(
                label="Print, height in mm", placeholder="no print", max_lines=1, min_width=130
            )
        self.formats = gr.CheckboxGroup(
            [(name.upper(), name) for name in get_args(Format)],
            value=usual.formats,
            label="Files",
            elem_id=f"{elem_id}-formats",
        )
        self.film = gr.Checkbox(usual.turntable, label="Turntable film")


def finish_of(request: dict[str, Any]) -> Finishing:
    """The finish that an earlier mesh was asked to have."""
    return Finishing.model_validate({k: v for k, v in request.items() if k in Finishing.model_fields})
