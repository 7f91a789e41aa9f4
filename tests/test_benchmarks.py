"""The measurements that talk to the page as a browser does still find what they press."""

from pathlib import Path

import torch

from benchmarks.pictures import PageVisit
from models.runtime import Runtime
from models.store import ModelStore


def test_a_measured_visit_draws_a_picture_with_previews(starter_dir: Path, tmp_path: Path) -> None:
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    store = ModelStore(runtime, tmp_path, offline=True, starter_dir=starter_dir)
    visit = PageVisit(store, tmp_path / "data")
    try:
        assert visit.draw(3, "starter", 7.0) >= 3
        (record,) = visit.desk.history()
        assert (record.request["prompt"], record.request["steps"]) == ("a red mushroom", 3)
    finally:
        visit.close()
