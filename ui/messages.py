"""Job records as programs receive them: JSON in which every file is one that can be fetched."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

if TYPE_CHECKING:
    from jobs.desk import Desk
    from jobs.records import JobRecord


def message(desk: "Desk", record: "JobRecord", sent: str | None = None) -> dict[str, Any]:
    """A record with its preview and artifacts as file data, and each picture's reference for later calls.

    The preview is None where `sent` says that the listener has had it.
    """
    folder = desk.folder(record.key)
    answer = record.model_dump(mode="json")
    answer["preview"] = None if record.preview == sent else _preview(folder, record.preview)
    for artifact in answer["artifacts"]:
        name, kind = artifact["name"], artifact["media_type"]
        artifact["file"] = _file(folder / name, kind)
        artifact["reference"] = f"artifacts/{record.key}/{name}" if kind == "image/png" else None
    return answer


def _preview(folder: Path, name: str | None) -> dict[str, Any] | None:
    """The newest preview as a copy: the job may remove its own before a slow client has fetched it."""
    if name is None:
        return None
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    return _file(Path(save_bytes_to_cache(data, name, get_upload_folder())), "image/jpeg")


def _file(path: Path, media_type: str) -> dict[str, Any]:
    """Gradio's description of a file, which it turns into an address."""
    return {
        "path": str(path),
        "orig_name": path.name,
        "mime_type": media_type,
        "meta": {"_type": "gradio.FileData"},
    }
