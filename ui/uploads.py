"""A picture from outside, as Gradio hands it over, becomes a reference into the data folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradio.utils import get_upload_folder

from models.errors import MaquetteError
from pipelines.requests import shorten

if TYPE_CHECKING:
    from ui.settings import Settings


def picture_reference(value: Any, settings: "Settings", field: str = "image") -> Any:
    """The reference of a field's uploaded picture; anything but a file is left for the request's own check.

    Raises:
        MaquetteError: BAD_REQUEST for a file that was not uploaded, BAD_IMAGE or TOO_LARGE for its content.
    """
    if value is None or value == "":
        raise MaquetteError("BAD_REQUEST", f"{field}: a picture is required")
    if isinstance(value, str) and value.startswith("data:"):
        raise MaquetteError(
            "BAD_REQUEST", f"{field}: data addresses are not read, upload the picture as a file"
        )
    if not isinstance(value, dict):
        return value
    path = value.get("path")
    if not isinstance(path, str) or not path:
        raise MaquetteError("BAD_REQUEST", f"{field}: {shorten(value)} is not an uploaded file")
    return _keep(Path(path), settings)


def uploaded_name(value: Any) -> str:
    """What the visitor calls an uploaded file, without its suffix."""
    name = value.get("orig_name") if isinstance(value, dict) else None
    return Path(name).stem if isinstance(name, str) else ""


def _keep(path: Path, settings: "Settings") -> str:
    """Open a file of the upload folder as a picture and keep it among the inputs."""
    from pipelines.pictures import keep_input, open_picture

    try:
        real, folder = path.resolve(strict=True), Path(get_upload_folder()).resolve()
    except (OSError, ValueError):
        raise MaquetteError("BAD_REQUEST", "image: this file was not uploaded") from None
    if not real.is_relative_to(folder):
        raise MaquetteError("BAD_REQUEST", "image: this file was not uploaded")
    image = open_picture(real, max_pixels=settings.max_pixels, max_bytes=settings.max_upload_mb * 2**20)
    return keep_input(image, settings.data_dir)
