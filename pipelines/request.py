"""The common ground of all requests: strict values, and the kinds of value that they share."""

import secrets
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MAX_SEED = 2**32 - 1
KEY_PATTERN = r"\.*[A-Za-z0-9_-][A-Za-z0-9._-]*"
REFERENCE_PATTERN = (
    rf"^(?:inputs/[0-9a-f]{{64}}\.png|artifacts/{KEY_PATTERN}/[A-Za-z0-9_-][A-Za-z0-9._-]*\.png)$"
)


def whole(value: object) -> object:
    """Let a page's 20.0 pass for 20; everything else is left for the strict check."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(whole)  # behind a field's limits, so that its schema has them too
Whole = Annotated[int, WHOLE]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Reference = Annotated[str, Field(pattern=REFERENCE_PATTERN, max_length=160)]


class Request(BaseModel):
    """The common ground of all requests: strict types, no unknown fields, never changed once made."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    def with_seed(self) -> Self:
        """The same request with a seed drawn at random where one is wanted and none was given."""
        if "seed" not in type(self).model_fields or getattr(self, "seed", None) is not None:
            return self
        return self.model_copy(update={"seed": secrets.randbelow(MAX_SEED + 1)})
