"""The one kind of failure that a user is told about."""

from typing import Literal, get_args

Code = Literal[
    "BAD_REQUEST",
    "BAD_IMAGE",
    "TOO_LARGE",
    "QUEUE_FULL",
    "NOT_FOUND",
    "KEY_IN_USE",
    "MODEL_MISSING",
    "OUT_OF_MEMORY",
    "TIMEOUT",
    "INTERRUPTED",
    "CANCELLED",
    "RATE_LIMITED",
]
CODES: tuple[Code, ...] = get_args(Code)


class MaquetteError(Exception):
    """A failure with a code for programs and a message for people, free of server paths and tracebacks."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[type["MaquetteError"], tuple[Code, str]]:
        """Pickle by code and message, so that the error crosses processes."""
        return (type(self), (self.code, self.message))


class UnreadableFile(ValueError):
    """A model's file that is not there or cannot be read; its text is a sentence that names the file."""


class Cancelled(MaquetteError):
    """The job's owner asked it to stop, and it did."""

    def __init__(self, code: Code = "CANCELLED", message: str = "The job was cancelled.") -> None:
        super().__init__(code, message)
