"""The viewer for meshes."""

from pathlib import Path

import gradio as gr

HEIGHT = 400
# The viewer's own light is tinted: under it mid grey (128, 128, 128) looks (132, 123, 140). Gradio lets no
# other light in, so the style takes the tint out of the drawn picture: factors of linear red, green and blue.
DAYLIGHT = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><filter id="mq-daylight"'
    ' color-interpolation-filters="linearRGB"><feColorMatrix values=".936 0 0 0 0  0 1.09 0 0 0'
    '  0 0 .823 0 0  0 0 0 1 0"/></filter></svg>'
)
DISTANCE = 1.7  # of the camera: near enough, and whatever the mesh network can see fits


def make_viewer() -> gr.Model3D:
    """An empty viewer that will look at the front of a mesh, slightly from above."""
    return gr.Model3D(
        None,
        height=HEIGHT,
        show_label=False,
        container=True,
        interactive=False,
        camera_position=(70, 72, DISTANCE),
        elem_classes=["mq-viewer"],
    )


def show_mesh(path: str | None) -> str | None:
    """Put a mesh into the viewer.

    This must be an event of its own after the one that streamed: a value that a generator sets
    is set twice in a row, and then the viewer usually stays blank.
    """
    return path if path is not None and Path(path).exists() else None
