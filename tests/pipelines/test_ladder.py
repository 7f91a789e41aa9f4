from collections.abc import Callable, Generator

import pytest
import torch

from models.errors import MaquetteError
from pipelines.events import Event, Note
from pipelines.ladder import Rung, climb

LACKS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]


def failing(times: int, error: Exception) -> Callable[[], Generator[Event, None, str]]:
    """An attempt that fails so often, and then works."""
    left = [times]

    def attempt() -> Generator[Event, None, str]:
        yield Note("trying")
        if left[0]:
            left[0] -= 1
            raise error
        return "done"

    return attempt


def outcome(events: Generator[Event, None, str]) -> tuple[list[str], str]:
    """The notes, and the result."""
    notes: list[str] = []
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return notes, end.value
        assert isinstance(event, Note)
        notes.append(event.text)


@pytest.mark.parametrize("error", LACKS, ids=["cuda", "cpu", "python"])
def test_each_lack_of_memory_takes_the_next_rung_and_says_so(error: Exception) -> None:
    taken: list[str] = []
    rungs = [Rung(f"doing {name}", lambda name=name: taken.append(name)) for name in "abc"]  # type: ignore[misc]
    notes, result = outcome(climb(failing(2, error), rungs, "no"))
    assert (taken, result) == (["a", "b"], "done")
    assert notes == [
        "trying",
        "Memory ran out: doing a.",
        "trying",
        "Memory ran out: doing b.",
        "trying",
    ]


def test_without_a_rung_left_it_is_refused_clearly() -> None:
    with pytest.raises(MaquetteError, match="ask for a smaller size") as caught:
        outcome(climb(failing(9, LACKS[0]), [], "ask for a smaller size"))
    assert caught.value.code == "OUT_OF_MEMORY"


def test_any_other_failure_passes() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        outcome(climb(failing(1, RuntimeError("shapes do not match")), [Rung("x", lambda: None)], "no"))
