"""Keeps the data folder from growing for ever."""

import logging
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from jobs.ledger import Ledger
from models.errors import MaquetteError

logger = logging.getLogger(__name__)

GRACE_SECONDS = 86400.0  # a file without a job may belong to one that is about to come
_INPUT = re.compile(r"inputs/([0-9a-f]{64}\.png)")


class Janitor:
    """Removes old jobs, and files that no job knows.

    `in_use` tells whether a job at hand still needs another job's pictures.
    """

    def __init__(
        self,
        ledger: Ledger,
        in_use: Callable[[str], bool],
        *,
        keep_jobs: int = 1000,
        keep_hours: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._in_use = in_use
        self._keep_jobs = keep_jobs
        self._keep_hours = keep_hours
        self._clock = clock

    def sweep(self) -> None:
        """Do all there is to do."""
        self.expire()
        try:
            with self._ledger.lock:
                self._remove_orphans()
                self._remove_inputs()
        except (MaquetteError, OSError) as error:
            logger.warning("the data folder could not be tidied: %s", error)

    def expire(self) -> None:
        """Remove finished jobs past the number and age to keep; those with a star stay."""
        before = None if self._keep_hours is None else self._clock() - self._keep_hours * 3600
        try:
            with self._ledger.lock:
                for key in self._ledger.expired(self._keep_jobs, before):
                    if not self._in_use(key):
                        self.remove(key)
        except MaquetteError as error:
            logger.warning("old jobs could not be removed: %s", error)

    def remove(self, key: str) -> None:
        """Remove a job and its files."""
        self._ledger.remove(key)
        _remove_folder(self._ledger.data_dir / "artifacts" / key)

    def _remove_orphans(self) -> None:
        """Remove folders whose jobs are gone."""
        known = self._ledger.keys()
        for folder in _children(self._ledger.data_dir / "artifacts"):
            if folder.name not in known and self._old(folder):
                _remove_folder(folder)

    def _remove_inputs(self) -> None:
        """Remove pictures that no job asks for."""
        wanted = {name for text in self._ledger.requests() for name in _INPUT.findall(text)}
        for picture in _children(self._ledger.data_dir / "inputs"):
            if picture.name not in wanted and picture.is_file() and self._old(picture):
                picture.unlink(missing_ok=True)

    def _old(self, path: Path) -> bool:
        return self._clock() - path.stat().st_mtime > GRACE_SECONDS


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove_folder(folder: Path) -> None:
    """Remove a folder of ours; a link in its place is left alone."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
