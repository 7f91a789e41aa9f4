"""Which files of a repository somebody needs who only wants to draw."""

from collections.abc import Sequence
from pathlib import PurePosixPath

_UNUSED = ("safety_checker", "feature_extractor", "image_encoder")
_HALF = ".fp16.safetensors"


def lean(names: Sequence[str]) -> list[str]:
    """The files of a diffusers repository without what is there twice or is not used.

    Of each part's weights the half-precision ones stay, where they are; checkpoints beside the parts go.
    """
    in_parts = "model_index.json" in names
    kept = [name for name in names if not _superfluous(PurePosixPath(name), in_parts)]
    halves = {PurePosixPath(name).parent for name in kept if name.endswith(_HALF)}
    return [name for name in kept if not (_is_full(name) and PurePosixPath(name).parent in halves)]


def _superfluous(path: PurePosixPath, in_parts: bool) -> bool:
    """Whether nothing of Maquette reads a file."""
    beside = in_parts and len(path.parts) == 1 and path.suffix == ".safetensors"
    return beside or path.parts[0] in _UNUSED or "non_ema" in path.name


def _is_full(name: str) -> bool:
    return name.endswith(".safetensors") and not name.endswith(_HALF)
