"""What the page costs: text to image through the page's own events against a bare diffusers call, in turns.

The same weights, steps, seed and size; the page's side includes a preview at every step, the queue, the
ledger, HTTP and the PNG on disk. python -m benchmarks.pictures [--model starter] [--steps 20] [--rounds 15]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from models.store import ModelStore

LIMIT = 1.10
PROMPT, SEED = "a red mushroom", 7
SESSION = "one-visit"  # as a browser has one for as long as the page is open


class PageVisit:
    """A visitor of a page in this process, who talks to it as a browser does."""

    def __init__(self, store: "ModelStore", data_dir: Path) -> None:
        from jobs.desk import Desk
        from jobs.ledger import Ledger
        from pipelines.studio import Studio
        from ui.launch import launch
        from ui.page import build_page
        from ui.settings import Settings

        (data_dir / "artifacts").mkdir(parents=True)
        settings = Settings.from_options(["--data-dir", str(data_dir), "--offline"])
        self.desk = Desk(Ledger(data_dir), Studio(store, data_dir))
        self.desk.start()
        self.page = build_page(self.desk, store, settings)
        self.url = launch(self.page, self.desk, store, settings).rstrip("/") + "/gradio_api/queue"
        config: Any = self.page.config
        fields = {component["id"]: component["props"] for component in config["components"]}
        draws = (d for d in config["dependencies"] if d["api_name"].startswith("page_draw"))
        found = ((d["id"], [fields[number] for number in d["inputs"]]) for d in draws)
        self.event, self.form = next(
            (event, form) for event, form in found if "prompt" in (field.get("elem_id") for field in form)
        )
        self.client = httpx.Client(timeout=600)

    def draw(self, steps: int, model: str, guidance: float) -> int:
        """Press Generate and listen until the picture is there; returns how many previews came."""
        wish = {"prompt": PROMPT, "steps": steps, "guidance": guidance, "model": model, "seed": str(SEED)}
        form = [wish.get(field.get("elem_id", ""), field.get("value")) for field in self.form]
        body = {"data": form, "fn_index": self.event, "session_hash": SESSION}
        self.client.post(f"{self.url}/join", json=body).raise_for_status()
        previews = 0
        with self.client.stream("GET", f"{self.url}/data", params={"session_hash": SESSION}) as lines:
            for line in lines.iter_lines():
                previews += "mq-preview" in line and "process_generating" in line
                if "process_completed" in line:
                    if '"success":false' in line.replace(" ", ""):
                        raise RuntimeError(line[:500])
                    return previews
        raise RuntimeError("the stream ended before the picture was there")

    def close(self) -> None:
        """End the page and the desk."""
        self.client.close()
        self.page.close(verbose=False)
        self.desk.close()


class Bare:
    """Diffusers alone, in a process of its own: the same weights, precision and settings."""

    def __init__(self, starter_dir: Path, model: str, steps: int, guidance: float) -> None:
        self._given = (str(starter_dir), model, steps, guidance)
        self._process = ProcessPoolExecutor(1, get_context("spawn"))

    def draw(self) -> float:
        """Seconds of one picture."""
        return self._process.submit(bare_seconds, *self._given).result()

    def close(self) -> None:
        """End the process."""
        self._process.shutdown()


def bare_seconds(starter_dir: str, model: str, steps: int, guidance: float) -> float:
    """Seconds that diffusers' own call takes for the picture."""
    import torch

    pipeline = bare_pipeline(starter_dir, model)
    begun = time.perf_counter()
    generator = torch.Generator(pipeline.device).manual_seed(SEED)
    pipeline(PROMPT, num_inference_steps=steps, guidance_scale=guidance, generator=generator)
    return time.perf_counter() - begun


@cache
def bare_pipeline(starter_dir: str, model: str) -> Any:
    """The weights of the page's side, loaded by diffusers into the same precision; once a process."""
    from diffusers import DiffusionPipeline

    from models.catalogue import find_card
    from models.locate import Locator
    from models.runtime import pick_runtime

    card, runtime = find_card(model, "image"), pick_runtime()
    folder = Locator(Path(starter_dir), Path("data/models")).find(card)
    given = {"safety_checker": None} if card.family == "sd" else {}
    pipeline = DiffusionPipeline.from_pretrained(folder, dtype=runtime.dtype, variant=card.variant, **given)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(runtime.device)


def measure(starter_dir: Path | None, model: str, steps: int, rounds: int) -> dict[str, Any]:
    """Seconds of both in turns, after one unmeasured round."""
    from models.catalogue import find_card
    from models.runtime import pick_runtime
    from models.store import STARTER_DIR, ModelStore

    guidance, folder = find_card(model, "image").default_guidance, starter_dir or STARTER_DIR
    seconds: dict[str, list[float]] = {"diffusers": [], "page": []}
    with tempfile.TemporaryDirectory() as scratch:
        data_dir = Path(scratch) / "data"
        store = ModelStore(pick_runtime, data_dir, offline=True, starter_dir=folder)
        visit, bare, previews = PageVisit(store, data_dir), Bare(folder, model, steps, guidance), 0
        try:
            for number in range(rounds + 1):
                alone = bare.draw()
                begun = time.perf_counter()
                previews = visit.draw(steps, model, guidance)
                if number > 0:
                    seconds["diffusers"].append(alone)
                    seconds["page"].append(time.perf_counter() - begun)
        finally:
            bare.close()
            visit.close()
    return {"seconds": seconds, "previews": previews, "device": store.runtime.reason}


def main(options: Sequence[str] | None = None) -> None:
    """Measure, print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--starter-dir", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(options)
    result = measure(given.starter_dir, given.model, given.steps, given.rounds)
    middle = {name: statistics.median(values) for name, values in result["seconds"].items()}
    result |= {"ratio": middle["page"] / middle["diffusers"], "limit": LIMIT, "model": given.model}
    print(f"{given.model}, {given.steps} steps, {result['previews']} previews, {result['device']}")
    print(f"{'way':<14}{'median s':>10}{'best s':>10}")
    for name, values in result["seconds"].items():
        print(f"{name:<14}{middle[name]:>10.3f}{min(values):>10.3f}")
    print(f"ratio {result['ratio']:.3f}, at most {LIMIT}")
    print(json.dumps(result))
    if given.json is not None:
        given.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
