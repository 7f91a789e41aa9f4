"""What a visitor of the Image tab can do with a picture: make it 3D, vary it, paint over it, enlarge it."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from models.upscalers import LANCZOS, find_upscalers
from pipelines.requests import ImageToImage, ImageToMesh
from ui.drawing_form import DrawingForm, model_choices
from ui.guard import refuse_addresses
from ui.mask_brush import MaskBrush
from ui.paint_pad import PaintPad
from ui.sliders import slider

if TYPE_CHECKING:
    from models.store import ModelStore
    from ui.settings import Settings

MODES = [("Make 3D", "mesh"), ("Vary", "vary"), ("Paint over", "paint"), ("Enlarge", "enlarge")]
BACKGROUNDS = [("Automatic", "auto"), ("Keep", "keep"), ("Plain colour", "fill")]
OBJECTS = [("One mesh", "one"), ("A mesh of each object", "each")]
SIDES = [(side, f"grow_{side.lower()}") for side in ("Left", "Right", "Top", "Bottom")]
GROWN = 0.25  # of the picture's side, on each side that is chosen


class ImageForm(DrawingForm):
    """The fields of the Image tab; the style shows those of the chosen mode."""

    name = "image-"

    def __init__(self, store: "ModelStore", settings: "Settings") -> None:
        super().__init__(store, store.card(settings.model, "image"))
        self.image = gr.Image(
            label="Picture",
            type="filepath",
            image_mode=None,
            sources=["upload", "clipboard", "webcam"],
            buttons=[],
            height=360,
            placeholder="Drop a picture of one object here",
            elem_id="upload",
        )
        refuse_addresses(self.image)
        self.paint = PaintPad(settings, self.image)
        self.mode = gr.Radio(
            MODES,
            value="mesh",
            label="What to do with it",
            interactive=True,
            show_label=False,
            container=False,
            elem_id="image-mode",
            elem_classes=["mq-modes"],
        )
        self._wishes(settings)
        self.make = _button("Make 3D", "make-upload-3d", "mq-for-mesh")
        self.vary = _button("Vary", "vary-input", "mq-for-vary")
        self.over = _button("Paint over", "paint-over", "mq-for-paint")
        self.enlarge = _button("Enlarge", "enlarge", "mq-for-enlarge")
        self._of_meshes(store, settings)
        with gr.Accordion(
            "More settings",
            open=False,
            elem_id="image-more",
            elem_classes=["mq-more", "mq-for-vary", "mq-for-paint"],
        ):
            self._ask_negative()
            self._ask_numbers()
            self._ask_model(model_choices(store, "image"))
            self._ask_style()

    @property
    def mesh_fields(self) -> list[Any]:
        """The components whose values make the request of a mesh."""
        return [
            *(self.image, self.background, self.ratio, self.resolution, self.threshold, self.mesh_model),
            *(self.objects, self.brush.mask),
        ]

    @property
    def components(self) -> dict[str, Any]:
        """The components by the names of the fields that every drawing's request has."""
        return super().components | {"strength": self.strength}

    @property
    def fields(self) -> list[Any]:
        """The components whose values make the request of a picture; the first one's is the paint."""
        return [self.paint.ink, self.image, self.grow, self.scale, self.upscaler, *super().fields]

    def mesh_request(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request of a mesh that the fields describe, unchecked, its picture as it was uploaded."""
        names = (
            "image",
            "background",
            "foreground_ratio",
            "resolution",
            "threshold",
            "model",
            "objects",
            "mask",
        )
        return dict(zip(names, values, strict=True))

    def picture_request(self, kind: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """The request of a kind that the fields describe, unchecked, its picture as it was uploaded."""
        _, image, grow, scale, upscaler, *usual = values
        if kind == "upscale":
            return {"kind": kind, "image": image, "scale": scale, "upscaler": upscaler}
        drawing = {"kind": kind, "image": image} | self.request(tuple(usual))
        grown = kind == "inpaint" and grow  # what is new there has nothing to keep
        return drawing | {"strength": None} if grown else drawing

    def _ask_seed(self) -> None:
        self.seed = gr.Textbox(
            label="Seed", placeholder="random", max_lines=1, min_width=130, elem_id="image-seed"
        )

    def _wishes(self, settings: "Settings") -> None:
        """What each mode needs to know, and no more."""
        self.prompt = gr.Textbox(
            label="Prompt",
            placeholder="What shall it be? May stay empty",
            lines=1,
            max_lines=4,
            elem_id="image-prompt",
            elem_classes=["mq-for-vary", "mq-for-paint"],
        )
        default = ImageToImage.model_fields["strength"].default
        self.strength = gr.Slider(
            0.05,
            1,
            default,
            step=0.05,
            label="How much may change",
            elem_id="strength",
            elem_classes=["mq-for-vary", "mq-for-paint"],
        )
        self.grow = gr.CheckboxGroup(
            SIDES, label="Grow the picture by a quarter", elem_id="grow", elem_classes=["mq-for-paint"]
        )
        self.scale = gr.Radio(
            [("2 times", 2), ("4 times", 4)],
            value=2,
            label="How much larger",
            elem_id="scale",
            elem_classes=["mq-for-enlarge"],
        )
        found = find_upscalers(settings.data_dir / "models" / "upscalers")
        self.upscaler = gr.Dropdown(
            [("Lanczos, at once", LANCZOS), *((name, name) for name in found)],
            value=LANCZOS,
            label="By",
            visible=bool(found),
            elem_id="upscaler",
            elem_classes=["mq-for-enlarge"],
        )

    def _of_meshes(self, store: "ModelStore", settings: "Settings") -> None:
        """What is seldom touched of a mesh."""
        fields = ImageToMesh.model_fields
        with gr.Accordion(
            "More settings", open=False, elem_id="upload-more", elem_classes=["mq-more", "mq-for-mesh"]
        ):
            self.background = gr.Dropdown(
                BACKGROUNDS + model_choices(store, "background"),
                value=fields["background"].default,
                label="Background",
                elem_id="upload-background",
            )
            self.brush = MaskBrush(store, settings, self.image, self.background)
            self.objects = gr.Radio(OBJECTS, value=fields["objects"].default, label="Objects")
            with gr.Row():
                share, detail = fields["foreground_ratio"].default, fields["resolution"].default
                self.ratio = slider(0.5, 1, share, 0.01, "Object's share", "upload-ratio")
                self.resolution = slider(16, 512, detail, 16, "Mesh detail", "upload-resolution")
            with gr.Row():
                self.threshold = gr.Number(fields["threshold"].default, label="Threshold", min_width=130)
                self.mesh_model = gr.Dropdown(
                    model_choices(store, "mesh"), value="starter-mesh", label="Mesh model"
                )


def _button(label: str, elem_id: str, mode: str) -> gr.Button:
    """What a mode is for."""
    return gr.Button(label, variant="primary", size="lg", elem_id=elem_id, elem_classes=["mq-generate", mode])
