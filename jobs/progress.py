"""From events to records: how a job's record changes as the studio works."""

from jobs.records import ArtifactRecord, JobRecord
from pipelines.events import Artifact, Done, Event, Note, Stage, Started, Step


class Pace:
    """The time that one stage's steps take, in seconds of any steady clock."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = 0.0
        self._first: tuple[int, float] | None = None

    def begin(self, stage: str, now: float) -> None:
        """A stage begins."""
        self._stage, self._begun, self._first = stage, now, None

    def left(self, step: Step, now: float) -> float | None:
        """Seconds that the rest of the stage will take; the first step, which warms up, counts only alone."""
        if step.stage != self._stage:
            self.begin(step.stage, now)
            self._first = (step.step, now)
            return None
        if self._first is None:
            self._first = (step.step, now)
            return (now - self._begun) / max(step.step, 1) * (step.total - step.step)
        first, since = self._first
        if step.step <= first:
            return None
        return (now - since) / (step.step - first) * (step.total - step.step)


def advance(record: JobRecord, event: Event, *, eta: float | None, preview: str | None) -> JobRecord:
    """The record after an event; `preview` names the newest preview's file."""
    match event:
        case Started():
            return record.changed(
                model=event.model,
                device=event.device,
                reason=event.reason,
                seed=event.seed,
                notes=[*record.notes, *event.notes],
            )
        case Stage():
            return record.changed(stage=event.name, step=0, total=event.total, eta_seconds=None)
        case Step():
            return record.changed(
                stage=event.stage, step=event.step, total=event.total, eta_seconds=eta, preview=preview
            )
        case Artifact():
            artifact = ArtifactRecord(
                role=event.role, name=event.name, media_type=event.media_type, figures=event.figures
            )
            # A second attempt after a lack of memory writes its files anew.
            others = [other for other in record.artifacts if other.name != artifact.name]
            return record.changed(artifacts=[*others, artifact])
        case Note():
            return record.changed(notes=[*record.notes, event.text])
        case Done():
            return record.changed(seconds=dict(event.seconds))
