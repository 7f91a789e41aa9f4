"""The jobs at hand: who waits, who runs, and who listens; all in memory."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from jobs.follower import Follower
from jobs.records import JobRecord
from pipelines.requests import Request


@dataclass(eq=False)
class Job:
    """A waiting or running job."""

    record: JobRecord
    request: Request
    stop: threading.Event = field(default_factory=threading.Event)  # somebody cancelled it
    followers: set[Follower] = field(default_factory=set)

    def show(self, record: JobRecord) -> None:
        """Put up a new record and hand it to all that follow."""
        self.record = record
        for follower in self.followers:
            follower.push(record)


class Board:
    """Waiting and running jobs, first in first out; safe for any thread, and never waits for a disk."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._closing = False

    @property
    def closing(self) -> bool:
        """Whether the application is about to end."""
        return self._closing

    def add(self, record: JobRecord, request: Request) -> JobRecord:
        """Queue a job behind all others."""
        with self._changed:
            job = Job(record.changed(position=len(self._queue)), request)
            self._jobs[record.key] = job
            self._queue.append(job)
            self._changed.notify()
            return job.record

    def take(self, now: Callable[[], float], timeout: float | None = None) -> Job | None:
        """Wait for the next job and mark it running; None after the timeout or when closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing, timeout)
            if self._closing or not self._queue:
                return None
            job = self._queue.popleft()
            job.show(job.record.changed(state="running", started=now(), position=0))
            self._count()
            return job

    def withdraw(self, key: str) -> JobRecord | None:
        """Take a waiting job out of the queue, so that nobody runs it; None where it does not wait."""
        with self._changed:
            job = self._jobs.get(key)
            if job is None or job not in self._queue:
                return None
            self._queue.remove(job)
            self._count()
            return job.record

    def stop(self, key: str) -> JobRecord | None:
        """Ask a running job to stop."""
        with self._changed:
            job = self._jobs.get(key)
            if job is None:
                return None
            job.stop.set()
            return job.record

    def change(self, key: str, edit: Callable[[JobRecord], JobRecord]) -> JobRecord | None:
        """Edit a job's record and tell everybody; None where the job is not at hand."""
        with self._changed:
            job = self._jobs.get(key)
            if job is None:
                return None
            job.show(edit(job.record))
            return job.record

    def drop(self, key: str) -> None:
        """Let go of a job that is over; whoever still follows it has heard the end."""
        with self._changed:
            self._jobs.pop(key, None)

    def find(self, key: str) -> JobRecord | None:
        """The record of a job at hand."""
        with self._changed:
            job = self._jobs.get(key)
            return None if job is None else job.record

    def uses(self, folder_of: str) -> bool:
        """Whether a job at hand asks for a picture or a scene out of another job's folder."""
        with self._changed:
            start = f"artifacts/{folder_of}/"
            asked = [job.record.request for job in self._jobs.values()]
        pictures = [value for request in asked for value in request.values() if isinstance(value, str)]
        sources = [request.get("source") for request in asked]
        return folder_of in sources or any(value.startswith(start) for value in pictures)

    def waiting(self) -> int:
        """How many jobs wait."""
        with self._changed:
            return len(self._queue)

    def attach(self, key: str, follower: Follower) -> bool:
        """Let a follower hear of a job, its present record first; False where the job is not at hand."""
        with self._changed:
            job = self._jobs.get(key)
            if job is None:
                return False
            job.followers.add(follower)
            follower.push(job.record)
            if self._closing:
                follower.close()
            return True

    def detach(self, key: str, follower: Follower) -> None:
        """Forget a follower."""
        with self._changed:
            job = self._jobs.get(key)
            if job is not None:
                job.followers.discard(follower)

    def followers(self) -> int:
        """How many follow any job."""
        with self._changed:
            return sum(len(job.followers) for job in self._jobs.values())

    def close(self) -> None:
        """Give out no further job and let all followers go."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def release(self) -> None:
        """Tell those who still follow that nothing more will come."""
        with self._changed:
            for job in self._jobs.values():
                for follower in job.followers:
                    follower.close()

    def _count(self) -> None:
        """Tell the waiting jobs their places."""
        for place, job in enumerate(self._queue):
            if job.record.position != place:
                job.show(job.record.changed(position=place))
