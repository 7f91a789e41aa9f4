"""Which job a pane shows: the newest wish wins over whatever was followed before."""

from dataclasses import dataclass


@dataclass
class View:
    """One pane of one session; its followers stop as soon as another has begun."""

    turn: int = 0

    def begin(self) -> int:
        """Take over the pane."""
        self.turn += 1
        return self.turn
