"""Where a model's weights are on this machine."""

from pathlib import Path

from models.catalogue import ModelCard
from models.errors import MaquetteError

_ENTRY = {"sd": "model_index.json", "sdxl": "model_index.json", "tsr": "config.yaml", "rembg": "u2net.onnx"}


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
            if (folder / _ENTRY[card.family]).is_file():
                return folder
        return None if card.shipped or card.family == "rembg" else _in_cache(card)

    def fetch(self, card: ModelCard) -> Path:
        """The folder of a model of the Hub, downloaded at its pinned revision where it is not there yet.

        Raises:
            MaquetteError: MODEL_MISSING when it cannot be had.
        """
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
        return f"{what} from {card.source} in the models folder of the data folder."
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
    return folder if (folder / _ENTRY[card.family]).is_file() else None
