"""Stable Diffusion 1.5 and XL at full size, random weights: seconds a step and memory, against diffusers.

python -m benchmarks.large [--models sd15 sdxl] [--sizes 512 1024] [--steps 4] [--json FILE]
Precisions are compared at the smallest size. Each measurement has a process of its own; the weights are made
in a temporary folder (2 and 7 GB).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.table import watch_peak
from models.layouts import LAYOUTS

FAMILIES = {"sd15": "sd", "sdxl": "sdxl"}
LIMIT, FASTER = 1.10, 2.4
PROMPT, SEED, GUIDANCE = "a red mushroom", 7, 7.0


@dataclass(frozen=True)
class Row:
    """One way to draw one picture: seconds until the model is loaded, and of the quickest step."""

    model: str
    size: int
    dtype: str
    way: str
    load_s: float
    step_s: float
    peak_mib: float


def main() -> None:
    """Make the weights, measure each case in its process, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--sizes", nargs="+", type=int, default=[512, 1024])
    parser.add_argument("--dtypes", nargs="+", default=["bfloat16", "float32"])
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--json", type=Path, default=Path("data/benchmarks/large.json"))
    parser.add_argument("--case", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case is not None:
        print(json.dumps(asdict(measured(*given.case, steps=given.steps))))
        return
    rows = list(cases(given.models, given.sizes, given.dtypes, given.steps))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"rows": [asdict(row) for row in rows]}, indent=1))
    print("\n".join(verdicts(rows)))


def cases(models: list[str], sizes: list[int], dtypes: list[str], steps: int) -> Iterator[Row]:
    """A row per model, size, precision and way, printed as it is measured."""
    print(f"{'model':<6}{'size':>6}{'precision':>11}{'way':>11}{'load s':>9}{'s a step':>10}{'peak MiB':>10}")
    for model in models:
        with tempfile.TemporaryDirectory() as data:
            make_weights(model, Path(data) / "models" / model)
            for size in sizes:
                for dtype in dtypes if size == min(sizes) else dtypes[:1]:
                    for way in ("diffusers", "ours"):
                        row = in_own_process(data, model, size, dtype, way, steps)
                        print(
                            f"{model:<6}{size:>6}{dtype:>11}{way:>11}"
                            f"{row.load_s:>9.1f}{row.step_s:>10.2f}{row.peak_mib:>10.0f}",
                            flush=True,
                        )
                        yield row


def verdicts(rows: list[Row]) -> list[str]:
    """Ratios beside what they must be."""
    found = {(row.model, row.size, row.dtype, row.way): row.step_s for row in rows}
    told = []
    for (model, size, dtype, way), seconds in found.items():
        bare = found.get((model, size, dtype, "diffusers"))
        if way == "ours" and bare:
            ratio = seconds / bare
            told.append(f"{model} {size} {dtype}: {ratio:.2f} of diffusers with previews, at most {LIMIT}")
        slow = found.get((model, size, "float32", way))
        if dtype == "bfloat16" and way == "ours" and slow:
            told.append(
                f"{model} {size}: bfloat16 {slow / seconds:.1f} times faster, at least {FASTER} at 512"
            )
    return told


def in_own_process(data: str, model: str, size: int, dtype: str, way: str, steps: int) -> Row:
    """One measurement, whose peak of memory is its process's own."""
    case = [data, model, str(size), dtype, way]
    command = [sys.executable, "-m", "benchmarks.large", "--steps", str(steps), "--case", *case]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Row(**json.loads(found.stdout.splitlines()[-1]))


def measured(data: str, model: str, size: str, dtype: str, way: str, *, steps: int) -> Row:
    """Draw one picture and note when each step was done."""
    peak = watch_peak()
    draw = drawn_by_diffusers if way == "diffusers" else drawn_by_us
    load_s, times = draw(Path(data), model, int(size), dtype, steps)
    step_s = min(b - a for a, b in zip(times, times[1:], strict=False))  # the least disturbed one
    return Row(model, int(size), dtype, way, load_s, step_s, peak())


def drawn_by_diffusers(
    data: Path, model: str, size: int, dtype: str, steps: int
) -> tuple[float, list[float]]:
    """Seconds to load, and the time after each step of a bare call."""
    from diffusers import DiffusionPipeline

    times: list[float] = []

    def note(_: Any, __: Any, ___: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        times.append(time.perf_counter())
        return tensors

    begun = time.perf_counter()
    pipeline = DiffusionPipeline.from_pretrained(data / "models" / model, dtype=getattr(torch, dtype))
    loaded = time.perf_counter() - begun
    pipeline.set_progress_bar_config(disable=True)
    pipeline(
        PROMPT,
        width=size,
        height=size,
        num_inference_steps=steps,
        guidance_scale=GUIDANCE,
        generator=torch.Generator().manual_seed(SEED),
        callback_on_step_end=note,
    )
    return loaded, times


def drawn_by_us(data: Path, model: str, size: int, dtype: str, steps: int) -> tuple[float, list[float]]:
    """Seconds to load, and the time at which each step's preview was there."""
    from models.runtime import pick_runtime
    from models.store import ModelStore
    from pipelines.events import Step
    from pipelines.requests import parse_request
    from pipelines.studio import Studio

    store = ModelStore(pick_runtime("cpu", dtype), data, offline=True)
    begun = time.perf_counter()
    store.warm_up(model)
    loaded = time.perf_counter() - begun
    request = {"kind": "text_to_image", "prompt": PROMPT, "model": model, "seed": SEED, "steps": steps}
    request |= {"width": size, "height": size, "guidance_scale": GUIDANCE}
    events = Studio(store, data).run(parse_request(request), data / "drawn", lambda: False)
    drawing = (event for event in events if isinstance(event, Step) and event.stage == "drawing")
    return loaded, [time.perf_counter() for _ in drawing]


def make_weights(model: str, folder: Path) -> None:
    """A folder in diffusers' layout with random half-precision weights of the published sizes."""
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    from tests.miniature import make_tokenizer

    layout = LAYOUTS[FAMILIES[model]]
    layout.write(folder)
    for part in layout.tokenizers:
        make_tokenizer(folder / part)
    for part, config in layout.configs.items():
        if part == "scheduler":
            continue
        with torch.device("meta"):
            kind = layout.classes[part][1]
            network: Any
            if kind == "UNet2DConditionModel":
                network = UNet2DConditionModel.from_config(config)
            elif kind == "AutoencoderKL":
                network = AutoencoderKL.from_config(config)
            elif kind == "CLIPTextModel":
                network = CLIPTextModel(CLIPTextConfig(**config))
            else:
                network = CLIPTextModelWithProjection(CLIPTextConfig(**config))
        filled(network).save_pretrained(folder / part)


def filled(network: nn.Module) -> Any:
    """A network without weights, with small random ones in half precision."""
    network = network.to(torch.float16).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, weights in network.named_parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.02, generator=generator)
            else:
                weights.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
        for name, values in network.named_buffers():
            if name.endswith("position_ids"):
                values.copy_(torch.arange(values.shape[-1]).expand_as(values))
    return network


if __name__ == "__main__":
    main()
