"""What to try when memory runs out: one rung after the other, each announced, and then a clear refusal."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from models.errors import MaquetteError
from models.memory import is_out_of_memory
from pipelines.events import Event, Note

Result = TypeVar("Result")


@dataclass(frozen=True)
class Rung:
    """One way to need less memory."""

    text: str
    apply: Callable[[], None]


def climb(
    attempt: Callable[[], Generator[Event, None, Result]], rungs: Sequence[Rung], refusal: str
) -> Generator[Event, None, Result]:
    """Try; after each lack of memory take the next rung and try again.

    Raises:
        MaquetteError: OUT_OF_MEMORY with the refusal's text when no rung is left.
    """
    for rung in [*rungs, None]:
        try:
            return (yield from attempt())
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        if rung is not None:
            yield Note(f"Memory ran out: {rung.text}.")
            rung.apply()
    raise MaquetteError("OUT_OF_MEMORY", refusal)
