"""TripoSR: a picture to a triplane, a triplane to a mesh."""

from tsr.config import TSRConfig
from tsr.network import TSR
from tsr.triplane import Field

__all__ = ["TSR", "Field", "TSRConfig"]
