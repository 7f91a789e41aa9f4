"""Every stage of a mesh beside the published way, in one table: python -m benchmarks.mesh [--json FILE]

Each part runs in a process of its own, so that its peak memory is its own."""

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from benchmarks.table import options

PARTS = ("forward", "surface", "finish")


def main() -> None:
    given = options(__doc__, "mesh")
    rows = [row for part in PARTS for row in run(part, given.repeat)]
    print(f"{'work':<30} {'published':>11} {'ours':>9} {'ratio':>7} {'to reach':>9} {'peak':>10}")
    for row in rows:
        print(line(row))
    machine = {"threads": torch.get_num_threads(), "machine": platform.machine(), "torch": torch.__version__}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(machine | {"rows": rows}, indent=1))
    print(f"written: {given.json}")


def run(part: str, repeat: int) -> list[dict[str, Any]]:
    """The rows of one part."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, "-m", f"benchmarks.{part}", "--repeat", str(repeat), "--json", str(file)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        rows: list[dict[str, Any]] = json.loads(file.read_text())["rows"]
    return rows


def line(row: dict[str, Any]) -> str:
    """A row as text; what is to be reached is a ratio or a time."""
    by_time = "limit_s" in row
    reached = row["ours_s"] <= row["limit_s"] if by_time else row["ratio"] >= row["least_ratio"]
    goal = f"{row['limit_s']:g} s" if by_time else f"{row['least_ratio']:g}x"
    return (
        f"{row['work']:<30} {row['reference_s']:>9.2f} s {row['ours_s']:>7.2f} s {row['ratio']:>6.1f}x"
        f" {goal:>9} {row['peak_mib']:>6.0f} MiB  {'' if reached else 'NOT REACHED '}{row.get('note', '')}"
    )


if __name__ == "__main__":
    main()
