"""Where a model's weights are on this machine."""

from fnmatch import fnmatch
from pathlib import Path

from models.card import ModelCard
from models.manifest import Manifest

_ENTRY = {
    "image": "model_index.json",
    "mesh": "config.yaml",
    "control": "config.json",
    "preview": "config.json",
}
_WEIGHTS = (".safetensors", ".ckpt", ".bin", ".onnx")


class Locator:
    """Finds weights in the starter set, the data folder and the Hub's cache, in that order."""

    def __init__(self, starter_dir: Path, models_dir: Path) -> None:
        self.starter_dir = starter_dir
        self.models_dir = models_dir

    def home(self, card: ModelCard) -> Path:
        """The folder of the data folder that a download of the model fills."""
        return self.models_dir / card.name

    def find(self, card: ModelCard) -> Path | None:
        """The folder that holds the model's files, or its single file; None where it is not here whole."""
        folder = self._folder(card)
        if folder is None or card.layout != "single file" or folder.is_file():
            return folder
        return folder / card.files[0]

    def bytes_here(self, card: ModelCard) -> int:
        """How much of a download has come, whole or not."""
        manifest = Manifest.read(self.home(card))
        return 0 if manifest is None else manifest.bytes_here(self.home(card))

    def in_cache(self, card: ModelCard) -> Path | None:
        """The model's snapshot in the cache that all programs of the Hub share."""
        if card.shipped or card.path is not None or card.family == "rembg":
            return None
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        found: str | None
        try:
            found = snapshot_download(card.source, revision=card.revision, local_files_only=True)
        except LocalEntryNotFoundError as error:
            found = getattr(error, "snapshot_path", None)  # other files of the repository are not wanted
        except HFValidationError:
            return None
        return Path(found) if found and has_files(Path(found), card) else None

    def _folder(self, card: ModelCard) -> Path | None:
        """The folder or file that is the model's, whole."""
        if card.path is not None:
            return card.path if card.path.is_file() or (card.path / entry(card)).is_file() else None
        if card.shipped:
            return _with_entry([self.starter_dir / card.source], card)
        manifest = Manifest.read(self.home(card))
        if manifest is not None:
            whole = not manifest.absent(self.home(card))
            return self.home(card) if whole else self.in_cache(card)
        candidates = [self.home(card)]
        if card.family == "rembg":
            candidates += [self.models_dir, Path.home() / ".u2net"]
        return _with_entry(candidates, card) or self.in_cache(card)


def entry(card: ModelCard) -> str:
    """The file by which a model's folder is known."""
    if card.parts_of:
        return "unet/config.json"
    if card.layout == "single file" or not card.files:
        return card.files[0] if card.files else _ENTRY[card.task]
    return _ENTRY.get(card.task, card.files[0])


def has_files(folder: Path, card: ModelCard) -> bool:
    """Whether a folder has the entry and, in one precision or another, all weights that the card names."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    patterns = [pattern for pattern in card.files if pattern.endswith(_WEIGHTS)]
    return (folder / entry(card)).is_file() and all(
        any(fnmatch(name, pattern) or fnmatch(name, _plain(pattern, card)) for name in names)
        for pattern in patterns
    )


def _plain(pattern: str, card: ModelCard) -> str:
    """The same weights in the precision that the repository names nothing."""
    return pattern.replace(f".{card.variant}", "") if card.variant else pattern


def _with_entry(folders: list[Path], card: ModelCard) -> Path | None:
    """The first of the folders that has the file by which the model is known."""
    return next((folder for folder in folders if (folder / entry(card)).is_file()), None)
