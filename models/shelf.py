"""The models on the disk: which there are, fetched, checked, brought in by hand, removed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from models.card import ModelCard, Task
from models.catalogue import CATALOGUE, find_card
from models.download import Downloader, Tell
from models.errors import MaquetteError
from models.locate import Locator
from models.manifest import FileFact, Manifest
from models.missing import missing
from models.own import FILE, forget, read_own
from models.sniff import tensor_names


@dataclass(frozen=True)
class Verdict:
    """What a check found: files looked at, those with a known hash, and what is wrong with which."""

    files: int
    hashed: int
    wrong: Mapping[str, str]


class Shelf:
    """The catalogue with the user's own models, and their files; safe for any thread."""

    def __init__(
        self,
        data_dir: Path,
        starter_dir: Path,
        downloader: Downloader,
        catalogue: Mapping[str, ModelCard] = CATALOGUE,
    ) -> None:
        own, self.problems = read_own(data_dir, catalogue)
        self.cards: Mapping[str, ModelCard] = {**catalogue, **own}
        self.data_dir = data_dir
        self.downloader = downloader
        self.locator = Locator(starter_dir, data_dir / "models")

    def card(self, name: str, task: Task | None = None) -> ModelCard:
        """What is known of a model.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, or that of a model of another task.
        """
        return find_card(name, task, self.cards)

    def download(self, name: str, tell: Tell, stop: Event | None = None, *, force: bool = False) -> Path:
        """Where a model is, after a download of what is missing or damaged; `force` fetches all anew.

        Raises:
            MaquetteError: BAD_REQUEST for what is not to be fetched, MODEL_MISSING with what to do.
        """
        card = self.card(name)
        if card.shipped or card.path is not None:
            raise MaquetteError("BAD_REQUEST", f"{card.title} ({name}) is not downloaded: {_whose(card)}")
        home, here = self.locator.home(card), self.locator.find(card)
        if force or here is None or here.is_relative_to(home):  # else it is here by other means
            self._refuse_hand_made(card)
            self.downloader.fetch(card, home, tell, stop, force=force)
        found = self.locator.find(card)
        if found is None:
            raise missing(card, "its files came, and are not those that it is known by.")
        return found

    def verify(self, name: str) -> Verdict:
        """Compare the files of a model with the sizes and hashes that its source told; asks no network.

        Raises:
            MaquetteError: MODEL_MISSING where nothing of it is here.
        """
        card = self.card(name)
        home = self.locator.home(card)
        manifest = Manifest.read(home)
        if manifest is not None and not card.shipped:
            wrong = dict.fromkeys(manifest.absent(home), "missing or cut off")
            whole = {file: "not the content that its source told" for file in manifest.damaged(home)}
            return Verdict(len(manifest.files), len(manifest.files), whole | wrong)
        found = self.locator.find(card)
        if found is None:
            raise missing(card, "its weights are not on this machine.")
        return _checked(card, found)

    def removable(self, card: ModelCard) -> bool:
        """Whether a model's files are Maquette's to delete, and some are here."""
        home = self.locator.home(card)
        mine = card.path is None or card.path.is_relative_to(home)
        return not card.shipped and mine and _holds_something(home)

    def remove(self, name: str) -> int:
        """Delete what was downloaded or brought in of a model; gives the bytes.

        Raises:
            MaquetteError: BAD_REQUEST for what is not Maquette's to delete, MODEL_MISSING where nothing is.
        """
        card = self.card(name)
        home = self.locator.home(card)
        imported = card.path is not None and card.path.is_relative_to(home)
        if card.shipped or (card.path is not None and not imported):
            raise MaquetteError("BAD_REQUEST", f"{card.title} ({name}) is not removed: {_whose(card)}")
        patterns = (f"{name}-ov*", f"converted/{name}-{'?' * 12}")
        made_of_it = [folder for pattern in patterns for folder in home.parent.glob(pattern)]
        made_of_it = [folder for folder in made_of_it if folder.name not in self.cards]
        places = [home, *made_of_it] if _holds_something(home) else made_of_it
        if not places:
            raise self._elsewhere(card)
        size = sum(_bytes(place) for place in places)
        for place in places:
            _delete(place)
        if imported:
            forget(self.data_dir, name)
        return size

    def _refuse_hand_made(self, card: ModelCard) -> None:
        """Raise BAD_REQUEST where a download would write into what the user put there."""
        home = self.locator.home(card)
        if home.is_symlink() or (self.locator.find(card) == home and Manifest.read(home) is None):
            raise MaquetteError(
                "BAD_REQUEST",
                f"{card.title} ({card.name}) was put into data/models/{card.name} by hand; remove it first "
                f"(`python -m models remove {card.name}`) to download it.",
            )

    def _elsewhere(self, card: ModelCard) -> MaquetteError:
        """Why there is nothing to delete."""
        if self.locator.in_cache(card) is not None:
            return MaquetteError(
                "BAD_REQUEST",
                f"{card.title} ({card.name}) lies in the cache that all programs of the Hugging Face Hub "
                f"share; `hf cache rm model/{card.source}` removes it for all of them.",
            )
        if self.locator.find(card) is not None:
            return MaquetteError(
                "BAD_REQUEST",
                f"{card.title} ({card.name}) lies outside data/models/{card.name}; "
                "Maquette deletes nothing there.",
            )
        return MaquetteError("MODEL_MISSING", f"{card.title} ({card.name}): nothing of it is here.")


def _whose(card: ModelCard) -> str:
    """Why a model's files are not for Maquette to fetch or delete."""
    if card.shipped:
        return "it comes with Maquette."
    return f"it is yours, where {FILE} says; take its entry out there to have it no longer listed."


def _checked(card: ModelCard, found: Path) -> Verdict:
    """Files that came otherwise: by the names that the Hub's cache gives them, else by their headers."""
    folder = found if found.is_dir() else found.parent
    files = [found] if found.is_file() else sorted(file for file in found.rglob("*") if file.is_file())
    wrong, hashed = {}, 0
    for file in files:
        name = file.relative_to(folder).as_posix()
        fact = _known(card, file, name)
        hashed += fact is not None
        if fact is not None and not fact.fits(file):
            wrong[name] = "not the content that its source told"
        elif file.suffix == ".safetensors":
            wrong |= _header_complaint(file, name)
    return Verdict(len(files), hashed, wrong)


def _known(card: ModelCard, file: Path, name: str) -> FileFact | None:
    """The hash that the card tells, or by which the Hub's cache names a file's content."""
    if card.md5 and file.name == card.files[0]:
        return FileFact(card.size_bytes, "md5", card.md5)
    if name in dict(card.sha256):
        return FileFact(file.stat().st_size, "sha256", dict(card.sha256)[name])
    blob = file.resolve().name
    if not file.is_symlink() or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", blob):
        return None
    return FileFact(file.stat().st_size, "sha256" if len(blob) == 64 else "git-sha1", blob)


def _header_complaint(file: Path, name: str) -> dict[str, str]:
    try:
        tensor_names(file)
    except MaquetteError as error:
        return {name: error.message}
    return {}


def _holds_something(place: Path) -> bool:
    """Whether a folder has more than what a download that never began left behind."""
    return place.is_symlink() or (place.is_dir() and any(file.name != ".lock" for file in place.iterdir()))


def _bytes(place: Path) -> int:
    """Bytes that deleting a folder gives back."""
    if place.is_symlink():
        return 0
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file() and not file.is_symlink())


def _delete(place: Path) -> None:
    """Delete a folder, or the link to one that lies elsewhere."""
    if place.is_symlink():
        place.unlink()
    else:
        shutil.rmtree(place)
