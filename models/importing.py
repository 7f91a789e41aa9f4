"""Bringing in weights that the user has already: for a model of the catalogue, or as one of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from models.card import ModelCard
from models.catalogue import CATALOGUE
from models.errors import MaquetteError
from models.locate import has_files
from models.manifest import FileFact, Manifest, part_of
from models.missing import megabytes
from models.own import FILE, NAME
from models.shelf import Shelf
from models.sniff import sniff, tensor_names


def import_weights(shelf: Shelf, source: Path, name: str) -> str:
    """Copy a file or folder to where Maquette finds it; gives a sentence on what it is now.

    Raises:
        MaquetteError: BAD_REQUEST for what does not fit the name, or has no room.
    """
    if not source.exists():
        raise MaquetteError("BAD_REQUEST", f"there is no {str(source)[:200]!r}")
    if name in CATALOGUE:
        return _for_catalogue(shelf, source, CATALOGUE[name])
    if name in shelf.cards or not NAME.fullmatch(name):
        why = "is taken" if name in shelf.cards else "is not 1 to 64 of a-z 0-9 . _ -"
        raise MaquetteError("BAD_REQUEST", f"{name[:80]!r} {why}; choose another name")
    return _as_own(shelf, source, name)


def _for_catalogue(shelf: Shelf, source: Path, card: ModelCard) -> str:
    """Copy what a model of the catalogue needs, compared with the hashes that are known."""
    if card.shipped:
        raise MaquetteError("BAD_REQUEST", f"{card.title} ({card.name}) comes with Maquette.")
    home = shelf.locator.home(card)
    manifest = Manifest.read(home)
    known: Mapping[str, FileFact] = manifest.files if manifest else {}
    if card.md5:
        known = {card.files[0]: FileFact(card.size_bytes, "md5", card.md5)}
    chosen = _chosen(source, card, known)
    for inner, file in chosen.items():
        _refuse_wrong(file, inner, known.get(inner))
    _copy(shelf, chosen, home)
    compared = f"{sum(inner in known for inner in chosen)} of {len(chosen)} files compared with their hashes"
    left = manifest.absent(home) if manifest else []
    if left or not has_files(home, card):
        return f"{card.title}: {compared}; still to come: {', '.join(left or card.files)}"
    return f"{card.title} is ready: {compared}"


def _chosen(source: Path, card: ModelCard, known: Mapping[str, FileFact]) -> dict[str, Path]:
    """The files to copy, by the places where they belong.

    Raises:
        MaquetteError: BAD_REQUEST where none belongs to the model.
    """
    patterns = tuple(known) or card.files
    if source.is_dir():
        inner = {file.relative_to(source).as_posix(): file for file in source.rglob("*") if file.is_file()}
        found = {name: file for name, file in inner.items() if any(fnmatch(name, p) for p in patterns)}
    else:
        exact = [p for p in patterns if "*" not in p and PurePosixPath(p).name == source.name]
        found = {exact[0]: source} if len(exact) == 1 else {}
    if not found:
        raise MaquetteError(
            "BAD_REQUEST",
            f"{source.name[:80]!r} is none of the files of {card.title}: {', '.join(card.files)}. "
            "Name the file as it is named there, or the folder that holds all of them.",
        )
    return found


def _refuse_wrong(file: Path, name: str, fact: FileFact | None) -> None:
    """Raise BAD_REQUEST for a file that is cut off, or is not the one that is known."""
    if fact is not None and not fact.fits(file):
        raise MaquetteError(
            "BAD_REQUEST", f"{name}: it is not the file: its size or {fact.algorithm} is not as told"
        )
    if fact is None and file.suffix == ".safetensors":
        tensor_names(file)


def _as_own(shelf: Shelf, source: Path, name: str) -> str:
    """Copy weights of the user's own, and write models into models.toml."""
    kind = sniff(source)
    if kind.kind != "model":
        folder = shelf.data_dir / f"{kind.kind}s"
        _copy(shelf, {f"{name}.safetensors": source}, folder)
        return f"{name} is ready, among the {kind.kind}s"
    home = shelf.data_dir / "models" / name
    if home.exists():
        raise MaquetteError("BAD_REQUEST", f"data/models/{name} is there already; choose another name")
    files = [source] if source.is_file() else [file for file in source.rglob("*") if file.is_file()]
    folder = source if source.is_dir() else source.parent
    _copy(shelf, {file.relative_to(folder).as_posix(): file for file in files}, home)
    inner = f"models/{name}" + (f"/{source.name}" if source.is_file() else "")
    with (shelf.data_dir / FILE).open("a") as text:
        text.write(f"\n[{name}]\npath = {json.dumps(inner)}\n")
    return f"{name} is ready, and has its table in {FILE}: steps, guidance and more can be set there"


def _copy(shelf: Shelf, chosen: Mapping[str, Path], home: Path) -> None:
    """Copy files, each appearing whole or not.

    Raises:
        MaquetteError: BAD_REQUEST where one is there already or the disk is too full.
    """
    home.mkdir(parents=True, exist_ok=True)
    need, free = sum(file.stat().st_size for file in chosen.values()), shelf.downloader.free(home)
    if need > free:
        raise MaquetteError(
            "BAD_REQUEST", f"{megabytes(need)} are needed, and the data folder's disk has {megabytes(free)}"
        )
    for name, file in chosen.items():
        target = home / name
        if home.name in ("loras", "embeddings") and target.exists():
            raise MaquetteError("BAD_REQUEST", f"{name} is there already; choose another name")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, part_of(target))
        part_of(target).replace(target)
