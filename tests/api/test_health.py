from pathlib import Path

from jobs.desk import Desk
from jobs.ledger import Ledger
from models.runtime import pick_runtime
from models.store import ModelStore
from pipelines.studio import Studio
from ui.api import health


def test_health_tells_what_draws_once_that_is_decided(tmp_path: Path) -> None:
    store = ModelStore(lambda: pick_runtime("openvino", "float32"), tmp_path, offline=True)
    desk = Desk(Ledger(tmp_path), Studio(store, tmp_path))
    assert (health(desk, store)["device"], health(desk, store)["device_reason"]) == ("", "")
    decided = store.runtime.told("image")
    answer = health(desk, store)
    assert (answer["device"], answer["device_reason"]) == (decided.device, decided.reason)
    assert answer["device"].startswith("openvino ")
