"""The numbers beside a network's weights."""

import json
from pathlib import Path
from typing import Any

from models.errors import UnreadableFile


def read_config(file: Path) -> dict[str, Any]:
    """A JSON file's object.

    Raises:
        UnreadableFile: naming it, where it is not there or says something else.
    """
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableFile(f"{file.parent.name}/{file.name} is not there or cannot be read.")
    return found
