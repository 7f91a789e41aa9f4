"""The previews of a running job: small jpeg files, of which only the newest few are kept."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

KEPT = 4  # a follower that is a few steps behind still finds its picture
QUALITY = 85


class Previews:
    """Numbered previews in a job's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: deque[str] = deque()
        self._count = 0

    @property
    def newest(self) -> str | None:
        """File name of the newest preview."""
        return self._names[-1] if self._names else None

    def write(self, picture: Image.Image) -> None:
        """Encode an RGB picture as the newest preview."""
        self._count += 1
        name = f"preview-{self._count:03d}.jpg"
        picture.save(self.folder / name, "JPEG", quality=QUALITY)
        self._names.append(name)

    def thin(self) -> None:
        """Remove the oldest, once newer ones are known."""
        while len(self._names) > KEPT:
            self._remove_oldest()

    def clear(self) -> None:
        """Remove all."""
        while self._names:
            self._remove_oldest()

    def _remove_oldest(self) -> None:
        with suppress(OSError):  # Windows removes no file that is being read; it goes with the job
            (self.folder / self._names.popleft()).unlink()
