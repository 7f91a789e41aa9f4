"""Which files a model consists of, each with the size and hash that its source told, kept beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

NAME = ".maquette.json"
PART = ".part"  # behind the name of a file that has not come whole
Algorithm = Literal["sha256", "git-sha1", "md5"]


@dataclass(frozen=True)
class FileFact:
    """How large a file is, and what its content hashes to."""

    size: int
    algorithm: Algorithm
    digest: str

    def fits(self, file: Path) -> bool:
        """Whether a file has this size and content."""
        return _size(file) == self.size and digest_of(file, self.algorithm) == self.digest


@dataclass(frozen=True)
class Manifest:
    """The files of one model at one revision of its source."""

    source: str
    revision: str
    files: Mapping[str, FileFact]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(fact.size for fact in self.files.values())

    def absent(self, folder: Path) -> list[str]:
        """The files that are not there at their full size."""
        return [name for name, fact in self.files.items() if _size(folder / name) != fact.size]

    def damaged(self, folder: Path) -> list[str]:
        """The files that are there, but not with their content."""
        there = {name: fact for name, fact in self.files.items() if (folder / name).is_file()}
        return [name for name, fact in there.items() if not fact.fits(folder / name)]

    def bytes_here(self, folder: Path) -> int:
        """Bytes of the files that have come, halves among them."""
        found = 0
        for name, fact in self.files.items():
            whole = _size(folder / name)
            half = max(0, min(_size(part_of(folder / name)), fact.size))
            found += fact.size if whole == fact.size else half
        return found

    def write(self, folder: Path) -> None:
        """Keep this beside the files."""
        kept = folder / NAME
        part_of(kept).write_text(json.dumps(asdict(self), indent=1))
        part_of(kept).replace(kept)

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """What is kept beside the files of a folder; None where that is nothing or unreadable."""
        try:
            kept: Any = json.loads((folder / NAME).read_text())
            files = {str(name): FileFact(**fact) for name, fact in kept["files"].items()}
            return cls(str(kept["source"]), str(kept["revision"]), files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def part_of(file: Path) -> Path:
    """Where a file is kept until it has come whole."""
    return file.with_name(file.name + PART)


def digest_of(file: Path, algorithm: Algorithm) -> str:
    """What the content of a file hashes to; git's hash is over its length too."""
    if algorithm == "git-sha1":
        content = file.read_bytes()  # git keeps only small files itself
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def _size(file: Path) -> int:
    """Bytes of a file; -1 where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return -1
