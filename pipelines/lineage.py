"""Where a mesh comes from, as its files tell it."""

import hashlib
from pathlib import Path
from typing import Any

from pipelines.metadata import read_parameters


def lineage_of(path: Path, name: str, model: str) -> dict[str, Any]:
    """A mesh's lineage: its network, its picture by name and hash, and how that picture was made.

    Args:
        path: the picture's PNG.
        name: what the picture is called in its job or among the inputs.
        model: the mesh network.
    """
    source = read_parameters(path)
    facts = {
        "generator": "Maquette",
        "model": model,
        "picture": name,
        "picture_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    if source is None:
        return facts
    words = source.get("request", {}).get("prompt") or source.get("facts", {}).get("prompt")
    told: dict[str, Any] = {"prompt": words, "source": source}
    told["seed"] = seed_of({"source": source})
    return facts | {key: value for key, value in told.items() if value is not None}


def seed_of(lineage: dict[str, Any]) -> int:
    """The seed that a picture of ours was drawn with, else 0."""
    seed = ((lineage.get("source") or {}).get("facts") or {}).get("seed", 0)
    return seed if isinstance(seed, int) else 0
