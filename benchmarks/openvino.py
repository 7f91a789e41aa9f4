"""OpenVINO against torch on the same processor: seconds a step and a picture, and memory.

python -m benchmarks.openvino [--folder FOLDER --size 512] [--steps 20] [--rounds 5] [--json FILE]
Without a folder of Stable Diffusion 1.5 in the layout of diffusers it is the starter set. Every row is a
process of its own, one after the other; the first picture of each, which compiles, is told apart.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.table import watch_peak

CASES = (
    ("cpu", "float32"),
    ("cpu", "bfloat16"),
    ("openvino", "float32"),
    ("openvino", "bfloat16"),
    ("openvino", "int8"),
)
PROMPT, SEED = "a red mushroom", 7


@dataclass(frozen=True)
class Row:
    """One device and precision; seconds are the middle ones, MiB those above an empty process."""

    device: str
    dtype: str
    convert_s: float
    load_s: float
    first_s: float
    step_s: float
    picture_s: float
    peak_mib: float


def main(options: Sequence[str] | None = None) -> None:
    """Measure, print the table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--size", type=int)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("data/benchmarks/openvino.json"))
    given = parser.parse_args(options)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        data_dir, model = Path(scratch) / "data", "starter"
        if given.folder is not None:
            model = "sd15"
            (data_dir / "models").mkdir(parents=True)
            (data_dir / "models" / model).symlink_to(given.folder.resolve())
        for case in CASES:
            converted = alone(convert, data_dir, model, *case) if case[0] == "openvino" else 0.0
            row = alone(measure, data_dir, model, *case, converted, given.size, given.steps, given.rounds)
            rows.append(row)
            print(line(row, rows[0]), flush=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"model": model, "rows": [asdict(row) for row in rows]}, indent=1))


def alone(work: Any, *given: Any) -> Any:
    """The result of work in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *given).result()


def convert(data_dir: Path, model: str, device: str, dtype: str) -> float:
    """Seconds that the first load takes, most of them to convert the model; 0 where that is done already."""
    store, begun = made_store(data_dir, device, dtype), time.perf_counter()
    if not store.notice(model):
        return 0.0
    store.warm_up(model)
    return time.perf_counter() - begun


def measure(
    data_dir: Path,
    model: str,
    device: str,
    dtype: str,
    converted: float,
    size: int | None,
    steps: int,
    rounds: int,
) -> Row:
    """What one device and precision takes to load the model and to draw pictures."""
    store, peak, begun = made_store(data_dir, device, dtype), watch_peak(), time.perf_counter()
    pipeline: Any = store.image_pipeline(model)
    loaded = time.perf_counter() - begun
    found = [store.thread.call(draw, pipeline, size, steps) for _ in range(rounds + 1)]
    pictures = [sum(times) for times in found]
    return Row(
        store.runtime.told("image").device,
        dtype,
        converted,
        loaded,
        pictures[0],
        statistics.median(second for times in found[1:] for second in times[1:-1]),
        statistics.median(pictures[1:]),
        peak(),
    )


def made_store(data_dir: Path, device: str, dtype: str) -> Any:
    """A store of the shipped models and those of a folder."""
    from models.runtime import pick_runtime
    from models.store import ModelStore

    store = ModelStore(pick_runtime(device, dtype), data_dir, offline=True)
    store.thread.call(__import__, "diffusers")  # no part of a model
    return store


def draw(pipeline: Any, size: int | None, steps: int) -> list[float]:
    """Seconds until the end of the first step, of each of the others, and of what follows them."""
    import torch

    moments = [time.perf_counter()]

    def on_step_end(_: Any, __: int, ___: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        moments.append(time.perf_counter())
        return tensors

    with torch.inference_mode():
        pipeline(
            PROMPT,
            num_inference_steps=steps,
            guidance_scale=3.0,
            width=size,
            height=size,
            generator=torch.Generator().manual_seed(SEED),
            callback_on_step_end=on_step_end,
        )
    moments.append(time.perf_counter())
    return [after - before for before, after in zip(moments, moments[1:], strict=False)]


def line(row: Row, reference: Row) -> str:
    """One line of the table; ratios are those to the first row, torch in float32."""
    return (
        f"{row.device:<13}{row.dtype:<10}load {row.load_s:6.2f} s  first {row.first_s:7.2f} s  "
        f"step {row.step_s * 1000:8.1f} ms ({reference.step_s / row.step_s:5.2f} x)  "
        f"picture {row.picture_s:7.2f} s ({reference.picture_s / row.picture_s:5.2f} x)  "
        f"peak {row.peak_mib:7.0f} MiB  converted in {row.convert_s:.0f} s"
    )


if __name__ == "__main__":
    main()
