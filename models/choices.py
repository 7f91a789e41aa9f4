"""What whoever runs Maquette has chosen for all pictures."""

from dataclasses import dataclass
from typing import Literal

Safety = Literal["off", "blur", "block"]
PreviewKind = Literal["linear", "tiny"]


@dataclass(frozen=True)
class Choices:
    """How unsafe pictures are treated, and by what half-drawn ones are shown."""

    safety: Safety = "off"
    previews: PreviewKind = "linear"
