"""A pipeline with the scheduler that a request asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from models.schedulers import SchedulerName, make_scheduler, refuse_steps
from pipelines.previews import CleanLatents


class Sampling:
    """The scheduler of one batch of pictures, and its steps as the user counts them.

    Samplers that look twice at each step, but once at the last, count each pair of looks as one.
    """

    def __init__(self, pipeline: Any) -> None:
        self.clean = CleanLatents(pipeline.scheduler)
        self._pipeline = pipeline
        self._order: int = pipeline.scheduler.order

    @property
    def total(self) -> int:
        """All steps of the batch, known once it is being drawn."""
        return -(-int(self._pipeline.num_timesteps) // self._order)

    def finished(self, index: int) -> int | None:
        """The step, from 1, that the network's look `index`, from 0, finishes; None where it has another."""
        done = (index + 1) % self._order == 0 or self.is_last(index)
        return index // self._order + 1 if done else None

    def is_last(self, index: int) -> bool:
        """Whether nothing follows the network's look `index`."""
        return index + 1 == int(self._pipeline.num_timesteps)


@contextmanager
def sampling(
    pipeline: Any, name: SchedulerName | None, seeds: Sequence[int], steps: int
) -> Iterator[Sampling]:
    """Give a pipeline a fresh scheduler, by name or of the model's own kind; the old one is back at the end.

    Raises:
        MaquetteError: BAD_REQUEST for more steps than the scheduler takes.
    """
    own = pipeline.scheduler
    scheduler = make_scheduler(name, own, seeds)
    refuse_steps(scheduler, steps)
    pipeline.scheduler = scheduler
    try:
        yield Sampling(pipeline)
    finally:
        pipeline.scheduler = own
