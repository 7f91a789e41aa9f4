"""Where a model's weights are on this machine."""

import hashlib
from pathlib import Path

from models.catalogue import ModelCard
from models.errors import MaquetteError

_ENTRY = {
    "image": "model_index.json",
    "mesh": "config.yaml",
    "control": "config.json",
    "preview": "config.json",
}


class Locator:
    """Finds weights in the starter set, the data folder and the Hub's cache, in that order."""

    def __init__(self, starter_dir: Path, models_dir: Path, token: str | None = None) -> None:
        self.starter_dir = starter_dir
        self.models_dir = models_dir
        self.token = token

    def find(self, card: ModelCard) -> Path | None:
        """The folder that holds the model's files, or None."""
        if card.shipped:
            candidates = [self.starter_dir / card.source]
        elif card.family == "rembg":
            candidates = [self.models_dir / card.name, self.models_dir, Path.home() / ".u2net"]
        else:
            candidates = [self.models_dir / card.name]
        for folder in candidates:
            if (folder / _entry(card)).is_file():
                return folder
        return None if card.shipped or card.family == "rembg" else _in_cache(card)

    def fetch(self, card: ModelCard) -> Path:
        """The folder of a model, downloaded at its pinned revision where it is not there yet.

        Raises:
            MaquetteError: MODEL_MISSING when it cannot be had.
        """
        if card.family == "rembg":
            return self._fetch_file(card)
        import httpx2
        from huggingface_hub import constants, get_session, snapshot_download

        try:
            # Asked first with a short limit: the Hub's client tries for half a minute before it gives up.
            get_session().head(constants.ENDPOINT, timeout=5)
            return Path(
                snapshot_download(
                    card.source, revision=card.revision, allow_patterns=list(card.files), token=self.token
                )
            )
        except (httpx2.HTTPError, OSError):
            raise missing(card, "it could not be downloaded; is this machine online?") from None

    def _fetch_file(self, card: ModelCard) -> Path:
        """The folder of a model that is one file at an address; it appears whole and checked, or not."""
        import httpx2

        folder, (name,) = self.models_dir / card.name, card.files
        part, digest = folder / f"{name}.part", hashlib.md5(usedforsecurity=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (
                httpx2.stream("GET", card.source, follow_redirects=True, timeout=10) as answer,
                part.open("wb") as file,
            ):
                answer.raise_for_status()
                for chunk in answer.iter_bytes():
                    digest.update(chunk)
                    file.write(chunk)
        except (httpx2.HTTPError, OSError):
            part.unlink(missing_ok=True)
            raise missing(card, "it could not be downloaded; is this machine online?") from None
        if digest.hexdigest() != card.md5:
            part.unlink()
            raise missing(card, f"what came is not the file: its MD5 is not {card.md5}.")
        part.replace(folder / name)
        return folder


def _entry(card: ModelCard) -> str:
    """The file by which a model's folder is known."""
    return card.files[0] if card.family == "rembg" else _ENTRY[card.task]


def missing(card: ModelCard, why: str) -> MaquetteError:
    """The error that names the model, its files, their size, and how to get them."""
    return MaquetteError("MODEL_MISSING", f"{card.title} ({card.name}): {why} {how_to_get(card)}")


def how_to_get(card: ModelCard) -> str:
    """Which files, how large, from where, and the command that fetches them."""
    what = f"It needs {', '.join(card.files)} ({megabytes(card.size_bytes)})"
    if card.shipped:
        return (
            f"{what}, which come with Maquette in models/starter/{card.source}; "
            "`python -m training.make_starter` makes them anew."
        )
    if card.family == "rembg":
        return f"{what} from {card.source}; start Maquette without `offline`, or put it into data/models."
    patterns = " ".join(f'--include "{name}"' for name in card.files)
    return (
        f"{what} from {card.source}. Start Maquette without `offline`, or run "
        f"`hf download {card.source} --revision {card.revision} {patterns}` once while online."
    )


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _in_cache(card: ModelCard) -> Path | None:
    """The snapshot in the Hub's cache, when it is there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(card.source, revision=card.revision, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return folder if (folder / _entry(card)).is_file() else None
