"""A pipeline with the scheduler that a request asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from models.schedulers import SchedulerName, make_scheduler, refuse_steps
from pipelines.previews import CleanLatents


@dataclass(frozen=True)
class Looks:
    """How often the network looks at a picture, and the steps that the user counts.

    Samplers that look twice at each step, but once at the last, count each pair of looks as one.
    """

    order: int
    count: int

    @property
    def steps(self) -> int:
        """All steps."""
        return -(-self.count // self.order)

    def finished(self, index: int) -> int | None:
        """The step, from 1, that the look `index`, from 0, finishes; None where it has another."""
        done = (index + 1) % self.order == 0 or index + 1 == self.count
        return index // self.order + 1 if done else None


@contextmanager
def sampling(
    pipeline: Any, name: SchedulerName | None, seeds: Sequence[int], steps: int
) -> Iterator[CleanLatents]:
    """Give a pipeline a fresh scheduler, by name or of the model's own kind; the old one is back at the end.

    Raises:
        MaquetteError: BAD_REQUEST for more steps than the scheduler takes.
    """
    own = pipeline.scheduler
    scheduler = make_scheduler(name, own, seeds)
    refuse_steps(scheduler, steps)
    pipeline.scheduler = scheduler
    try:
        yield CleanLatents(scheduler)
    finally:
        pipeline.scheduler = own
