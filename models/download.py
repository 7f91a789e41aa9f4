"""Fetching a model's files: from where the last attempt broke off, checked, and never over a full disk."""

from __future__ import annotations

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from models.card import ModelCard
from models.errors import Cancelled
from models.hub_errors import told
from models.manifest import FileFact, Manifest, part_of
from models.missing import complaint, megabytes, missing
from models.own import ANY_FILES
from models.repository import lean

if TYPE_CHECKING:
    import httpx2

_ATTEMPTS = 5  # in a row that bring nothing
_PAUSE = 2.0  # seconds before the next
_TIMEOUT = 20.0  # seconds without a byte
_LOOK = 0.2  # seconds between looks whether to stop, while nothing comes
_SPARE = 200_000_000  # bytes that a download leaves free on the disk
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Progress:
    """How far a download is, in bytes of the whole model."""

    done: int
    total: int
    file: str


Tell = Callable[[Progress], None]


@dataclass
class Downloader:
    """Brings the files of models; `endpoint` is another Hub than huggingface.co."""

    token: str | None = None
    endpoint: str | None = None
    free: Callable[[Path], int] = field(default=lambda folder: shutil.disk_usage(folder).free)
    pause: Callable[[float], object] = time.sleep

    def fetch(
        self, card: ModelCard, folder: Path, tell: Tell, stop: Event | None = None, *, force: bool = False
    ) -> Manifest:
        """Make a folder hold a model's files, each with the size and hash that its source tells.

        What is there and right stays; `force` fetches all of it anew.

        Raises:
            MaquetteError: MODEL_MISSING with what to do; Cancelled once `stop` is set. What has come is kept.
        """
        with told(card, self.token), _alone(card, folder):
            manifest = self._manifest(card, folder, force)
            if force:
                _clear(folder, list(manifest.files))
            manifest.write(folder)
            _clear(folder, manifest.damaged(folder))
            wanted = manifest.absent(folder)
            self._refuse_full_disk(card, manifest, folder)
            for name in wanted:
                self._fetch_file(card, manifest, folder, name, tell, stop or Event())
            return manifest

    def _manifest(self, card: ModelCard, folder: Path, force: bool) -> Manifest:
        """What an earlier attempt was told, or what the source tells now."""
        known = None if force else Manifest.read(folder)
        pinned = _COMMIT.fullmatch(card.revision or "") is not None
        if (
            known is not None
            and known.source == card.source
            and (known.revision == card.revision or not pinned)
        ):
            return known
        if card.md5:
            fact = FileFact(card.size_bytes, "md5", card.md5)
            return Manifest(card.source, card.revision or "", {card.files[0]: fact})
        return self._ask(card)

    def _ask(self, card: ModelCard) -> Manifest:
        """What the Hub tells of a repository's files at the pinned commit."""
        from huggingface_hub import HfApi
        from huggingface_hub.hf_api import RepoFile

        self._knock()
        api = HfApi(endpoint=self.endpoint, token=self.token)
        commit = card.revision or "main"
        if not _COMMIT.fullmatch(commit):
            commit = api.model_info(card.source, revision=commit).sha or commit
        tree = api.list_repo_tree(card.source, recursive=True, revision=commit)
        files = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
        chosen = [name for name in files if any(fnmatch(name, pattern) for pattern in card.files)]
        if card.files == ANY_FILES:
            chosen = lean(chosen)
        if not chosen:
            raise missing(card, f"its repository has none of the files {', '.join(card.files)}.")
        return Manifest(card.source, commit, {name: _fact(card, files[name]) for name in chosen})

    def _knock(self) -> None:
        """Ask for the Hub with a short limit: its client tries for half a minute before it gives up."""
        from huggingface_hub import constants, get_session

        get_session().head(self.endpoint or constants.ENDPOINT, timeout=5)

    def _refuse_full_disk(self, card: ModelCard, manifest: Manifest, folder: Path) -> None:
        """Raise MODEL_MISSING where the disk has no room for what is still to come."""
        need, free = manifest.size - manifest.bytes_here(folder), self.free(folder)
        if need and need + _SPARE > free:
            raise complaint(
                card,
                f"{megabytes(need)} are still to come, and the data folder's disk has {megabytes(free)} free "
                f"({megabytes(_SPARE)} stay so). Free some, or choose another with --data-dir.",
            )

    def _fetch_file(
        self, card: ModelCard, manifest: Manifest, folder: Path, name: str, tell: Tell, stop: Event
    ) -> None:
        """One file, whole and checked, or not under its name; what is wrong is fetched once more."""
        fact, part = manifest.files[name], part_of(folder / name)
        part.parent.mkdir(parents=True, exist_ok=True)
        before = manifest.bytes_here(folder) - min(_size(part), fact.size)

        def report(come: int) -> None:
            if stop.is_set():
                raise Cancelled(
                    "CANCELLED", f"The download of {card.title} was stopped; what has come is kept."
                )
            tell(Progress(before + come, manifest.size, name))

        for _ in range(2):
            self._bring(self._address(card, manifest, name), part, fact.size, report, stop)
            if fact.fits(part):
                part.replace(folder / name)
                return
            part.unlink()
        raise missing(
            card, f"what came is not the file: {fact.algorithm} of {name} is not {fact.digest}, twice."
        )

    def _address(self, card: ModelCard, manifest: Manifest, name: str) -> str:
        """Where a file is fetched from."""
        from huggingface_hub import hf_hub_url

        if card.md5:
            return card.source
        return hf_hub_url(card.source, name, revision=manifest.revision, endpoint=self.endpoint)

    def _bring(self, address: str, part: Path, size: int, report: Callable[[int], None], stop: Event) -> None:
        """Fetch until a file has its size, again where the line breaks, as long as something comes.

        Raises:
            httpx2.HTTPError, HfHubHTTPError: after several attempts in a row that brought nothing.
        """
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError

        left = _ATTEMPTS
        while _size(part) != size:
            had, broken = _size(part), None
            report(min(had, size))
            try:
                self._stream(address, part, size, report, stop)
            except (httpx2.TransportError, HfHubHTTPError) as error:
                if isinstance(error, HfHubHTTPError) and not _passing(error):
                    raise
                broken = error
            if _size(part) > had:
                left = _ATTEMPTS
                continue
            left -= 1
            if left == 0:
                raise broken or httpx2.RemoteProtocolError("less came than was told")
            self.pause(_PAUSE)

    def _stream(
        self, address: str, part: Path, size: int, report: Callable[[int], None], stop: Event
    ) -> None:
        """Ask for what a file lacks, and write it down as it comes."""
        from huggingface_hub import get_session
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

        come = _size(part)
        if come > size:
            part.unlink()
            come = 0
        headers = build_hf_headers(token=self.token) if "/resolve/" in address else {}
        headers |= {"Accept-Encoding": "identity"} | ({"Range": f"bytes={come}-"} if come else {})
        with (
            get_session().stream(
                "GET", address, headers=headers, timeout=_TIMEOUT, follow_redirects=True
            ) as answer,
            _hung_up(answer, stop),
        ):
            hf_raise_for_status(answer)
            whole = answer.status_code != 206
            self._write(answer, part, 0 if whole else come, report)

    def _write(self, answer: httpx2.Response, part: Path, come: int, report: Callable[[int], None]) -> None:
        """Put what comes behind what has come."""
        with part.open("ab" if come else "wb") as file:
            report(come)
            for chunk in answer.iter_bytes():
                file.write(chunk)
                come += len(chunk)
                report(come)


def _fact(card: ModelCard, entry: Any) -> FileFact:
    """What the Hub tells of one file: LFS' hash of a large one, git's of a small one."""
    path = PurePosixPath(entry.path)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.path:
        raise missing(card, f"its repository names a file outside itself: {entry.path[:80]!r}.")
    if entry.lfs is not None:
        return FileFact(entry.lfs.size, "sha256", entry.lfs.sha256)
    return FileFact(entry.size, "git-sha1", entry.blob_id)


def _passing(error: Any) -> bool:
    """Whether a refusal may be over in a moment."""
    return error.response.status_code in (408, 429, 500, 502, 503, 504)


def _clear(folder: Path, names: list[str]) -> None:
    """Remove files, and the halves of them."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
        part_of(folder / name).unlink(missing_ok=True)


@contextmanager
def _hung_up(answer: httpx2.Response, stop: Event) -> Iterator[None]:
    """Break the line of an answer once `stop` is set: one that has gone silent would hold out for long."""
    over = Event()

    def look() -> None:
        while not over.wait(_LOOK):
            if stop.is_set():
                line = answer.extensions["network_stream"].get_extra_info("socket")
                with suppress(OSError):  # it has broken by itself
                    line.shutdown(socket.SHUT_RDWR)
                return

    watch = Thread(target=look, daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()  # or it could break the line's next answer


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


@contextmanager
def _alone(card: ModelCard, folder: Path) -> Iterator[None]:
    """Keep a second process from writing into the same folder, which goes again where nothing came.

    Raises:
        MaquetteError: MODEL_MISSING where one does.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise complaint(card, "it is being downloaded already.") from None
    try:
        yield
    finally:
        lock.release()
        if {path.name for path in folder.glob("*")} <= {".lock"}:
            shutil.rmtree(folder, ignore_errors=True)
