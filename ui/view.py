"""Which job a pane shows: the newest wish wins over whatever was followed before."""

from dataclasses import dataclass


@dataclass
class View:
    """One pane of one session; its followers stop as soon as another has begun."""

    turn: int = 0
    busy: bool = False  # whether it shows a job that is not over

    def begin(self, *, busy: bool = False) -> int:
        """Take over the pane."""
        self.turn += 1
        self.busy = busy
        return self.turn
