"""How far a mesh is."""

from collections.abc import Callable

Progress = Callable[[int, int], None]  # done, total


class Counter:
    """Tells how many points were asked, out of how many will likely be."""

    def __init__(self, on_chunk: Progress | None, expected: int) -> None:
        self.on_chunk = on_chunk
        self.done = 0
        self.expected = expected

    def add(self, points: int) -> None:
        self.done += points
        if self.on_chunk:
            self.on_chunk(self.done, max(self.done, self.expected))

    def finish(self) -> None:
        if self.on_chunk:
            self.on_chunk(self.done, self.done)
