"""What the mesh benchmarks share: options, peak memory, rows as JSON."""

import argparse
import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol


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


def peak_mib() -> float:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
