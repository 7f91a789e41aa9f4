"""What the mesh benchmarks share: options, peak memory, rows as JSON."""

import argparse
import json
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Row(Protocol):
    """A row of the table: a frozen dataclass with a note for its end."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def note(self) -> str: ...


def options(description: str | None, name: str) -> argparse.Namespace:
    """repeat and json, from the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the middle one counts")
    parser.add_argument("--json", type=Path, default=Path(f"data/benchmarks/{name}.json"))
    return parser.parse_args()


def write(path: Path, rows: Sequence[Row]) -> None:
    """Rows as JSON, with their notes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"rows": [asdict(row) | {"note": row.note} for row in rows]}, indent=1))
    print(f"written: {path}")


def watch_peak() -> Callable[[], float]:
    """Counts peak memory from now on; the function returned tells it, in MiB above what is held now.

    Elsewhere than on Linux an earlier and higher peak hides it, and 0 is told."""
    if STATUS.exists():
        RESET.write_text("5")
    before = _peak_mib()
    return lambda: _peak_mib() - before


def _peak_mib() -> float:
    if STATUS.exists():  # getrusage would count the parent's too, and cannot be set back
        lines = STATUS.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
