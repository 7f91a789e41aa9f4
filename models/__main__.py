"""The models on this machine: python -m models list | download | verify | remove | import."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_settings import BaseSettings, SettingsConfigDict

from models.download import Downloader, Progress
from models.errors import MaquetteError
from models.importing import import_weights
from models.missing import megabytes
from models.shelf import Shelf
from models.store import STARTER_DIR
from models.token import hub_token

if TYPE_CHECKING:
    from tqdm import tqdm


class _Settings(BaseSettings):
    """What the application's own settings say of the data folder."""

    model_config = SettingsConfigDict(
        env_prefix="MAQUETTE_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    data_dir: Path = Path("data")


def main(options: Sequence[str] | None = None) -> int:
    """Do what the options say; 1 where it did not succeed, after one line on stderr."""
    given = _parser().parse_args(options)
    data_dir = (given.data_dir or _Settings().data_dir).expanduser().resolve()
    shelf = Shelf(data_dir, STARTER_DIR, Downloader(hub_token(os.environ)))
    for problem in shelf.problems:
        print(problem, file=sys.stderr)
    try:
        return int(given.do(shelf, given) or 0)
    except MaquetteError as error:
        print(error.message, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped; what has come is kept, and the next download goes on from there.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m models", description="The models on this machine.")
    parser.add_argument("--data-dir", type=Path, help="the data folder; else MAQUETTE_DATA_DIR, or data")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("list", help="all models, and which are here").set_defaults(do=_list)
    download = commands.add_parser("download", help="fetch what is missing or damaged of a model")
    download.add_argument("--force", action="store_true", help="fetch all of it anew")
    download.set_defaults(do=_download)
    verify = commands.add_parser("verify", help="compare files with their hashes, offline")
    verify.add_argument("names", metavar="NAME", nargs="*", help="as the list names it; else all of them")
    verify.set_defaults(do=_verify)
    remove = commands.add_parser("remove", help="delete a model's files")
    remove.set_defaults(do=_remove)
    bring = commands.add_parser("import", help="bring in weights that you have already")
    bring.add_argument("file", metavar="FILE", type=Path, help="a file or folder")
    bring.set_defaults(do=_import)
    for command in (download, remove, bring):
        command.add_argument("name", metavar="NAME", help="as the list names it")
    return parser


def _list(shelf: Shelf, given: argparse.Namespace) -> None:
    """Print the catalogue as a table."""
    rows = [("NAME", "STATE", "SIZE", "MEMORY", "LICENCE", "GOOD AT")]
    for name, card in shelf.cards.items():
        size, memory = (megabytes(n) if n else "?" for n in (card.size_bytes, card.memory_bytes))
        rows.append((name, _state(shelf, name), size, memory, card.licence, card.good_at))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)))


def _state(shelf: Shelf, name: str) -> str:
    """Whether a model is here, in one or a few words."""
    card = shelf.card(name)
    if shelf.locator.find(card) is not None:
        return "shipped" if card.shipped else "ready"
    come = shelf.locator.bytes_here(card)
    return f"{megabytes(come)} have come" if come else "missing"


def _download(shelf: Shelf, given: argparse.Namespace) -> None:
    """Fetch a model under a progress bar with bytes and time."""
    with _Bar() as bar:
        shelf.download(given.name, bar.tell, force=given.force)
    print(f"{given.name} is ready.")


class _Bar:
    """A progress bar that appears with the first bytes."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def tell(self, progress: Progress) -> None:
        """Move to where a download is."""
        from tqdm import tqdm

        if self._bar is None:
            total, come = progress.total, progress.done
            self._bar = tqdm(total=total, initial=come, unit="B", unit_scale=True, dynamic_ncols=True)
        self._bar.set_description_str(progress.file[-40:], refresh=False)
        self._bar.update(progress.done - self._bar.n)


def _verify(shelf: Shelf, given: argparse.Namespace) -> int:
    """Tell which files of some models are not what they should be."""
    here = (name for name, card in shelf.cards.items() if shelf.locator.find(card) is not None)
    return max([_verify_one(shelf, name) for name in given.names or here], default=0)


def _verify_one(shelf: Shelf, name: str) -> int:
    """Tell which files of a model are not what they should be."""
    verdict = shelf.verify(name)
    for file, why in verdict.wrong.items():
        print(f"{file}: {why}")
    if verdict.wrong:
        print(f"`python -m models download {name}` fetches these anew.")
        return 1
    compared = f"{verdict.hashed} compared with their hashes" if verdict.hashed else "no hashes are known"
    print(f"{name} is whole: {verdict.files} files, {compared}.")
    return 0


def _remove(shelf: Shelf, given: argparse.Namespace) -> None:
    """Delete a model's files."""
    print(f"{given.name} is removed; {megabytes(shelf.remove(given.name))} are free again.")


def _import(shelf: Shelf, given: argparse.Namespace) -> None:
    """Copy the user's weights to where they are found."""
    print(import_weights(shelf, given.file.expanduser(), given.name) + ".")


if __name__ == "__main__":
    sys.exit(main())
