"""What is known about a job: one frozen record, replaced whenever something changes."""

import math
import re
import secrets
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.errors import Code, MaquetteError
from pipelines.events import Role
from pipelines.requests import shorten

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL_STATES: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})
Figure = int | float | bool | str
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ArtifactRecord(BaseModel):
    """A finished file of a job, by its name in the job's folder."""

    model_config = ConfigDict(frozen=True)

    role: Role
    name: str
    media_type: str
    figures: dict[str, Figure] = Field(default_factory=dict)

    @field_validator("figures")
    @classmethod
    def _storable(cls, figures: dict[str, Figure]) -> dict[str, Figure]:
        """Leave out what JSON cannot carry: infinities and NaN."""
        return {name: value for name, value in figures.items() if _finite(value)}


class JobError(BaseModel):
    """Why a job did not end well."""

    model_config = ConfigDict(frozen=True)

    code: Code
    message: str


class JobRecord(BaseModel):
    """A job at one moment; times are unix seconds, `position` is how many wait before it."""

    model_config = ConfigDict(frozen=True)

    key: str
    kind: str
    state: JobState = "queued"
    request: dict[str, Any]
    created: float
    started: float | None = None
    finished: float | None = None
    stage: str = ""
    step: int = 0
    total: int = 0
    position: int = 0
    eta_seconds: float | None = None
    seconds: dict[str, float] = Field(default_factory=dict)
    seed: int | None = None
    device: str | None = None
    reason: str | None = None
    model: str | None = None
    artifacts: list[ArtifactRecord] = Field(default_factory=list)
    preview: str | None = None
    error: JobError | None = None
    notes: list[str] = Field(default_factory=list)
    starred: bool = False

    @property
    def final(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in FINAL_STATES

    def ended(self, state: JobState, now: float, error: JobError | None = None) -> "JobRecord":
        """The record once the job is over; what is done has done all of its last stage."""
        return self.changed(
            state=state,
            step=self.total if state == "done" else self.step,
            finished=now,
            error=error,
            preview=None,
            eta_seconds=None,
            position=0,
        )

    def waiting_again(self) -> "JobRecord":
        """The record of a job whose run was cut short and that will be run from the start."""
        return JobRecord(
            key=self.key,
            kind=self.kind,
            request=self.request,
            created=self.created,
            seed=self.request.get("seed"),
            model=self.request.get("model"),
            starred=self.starred,
        )

    def changed(self, **update: Any) -> "JobRecord":
        """A copy with some fields replaced."""
        return self.model_copy(update=update)


def check_key(key: object) -> str:
    """A key as a caller may choose it: 1 to 64 of A-Z a-z 0-9 . _ - and not dots alone.

    Raises:
        MaquetteError: BAD_REQUEST.
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key) or not key.strip("."):
        raise MaquetteError("BAD_REQUEST", f"key: {shorten(key)} is not 1 to 64 of A-Z a-z 0-9 . _ -")
    return key


def new_key() -> str:
    """A key of our own that nobody guesses."""
    return secrets.token_hex(12)


def _finite(value: Figure) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
