"""Start Maquette: read the settings, build the page, launch it, and warm the models up meanwhile."""

import logging
import os
import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from models.errors import MaquetteError
from ui.settings import Settings

if TYPE_CHECKING:
    from models.store import ModelStore

MESH_MODEL = "starter-mesh"


def main() -> None:
    """Run until interrupted."""
    settings = Settings.from_options()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    data_dir = settings.data_dir.resolve()
    (data_dir / "artifacts").mkdir(parents=True, exist_ok=True)
    # Uploads and what Gradio caches stay with our data; it reads this variable when it is imported.
    os.environ["GRADIO_TEMP_DIR"] = str(data_dir / "cache")
    serve(settings.model_copy(update={"data_dir": data_dir}))


def serve(settings: Settings) -> None:
    """Build everything, launch the page and wait for the end."""
    from jobs.desk import Desk
    from jobs.ledger import Ledger
    from models.runtime import pick_runtime
    from models.store import ModelStore
    from pipelines.studio import Studio
    from ui.launch import launch
    from ui.page import build_page

    runtime = partial(pick_runtime, settings.device, settings.dtype)
    store = ModelStore(runtime, settings.data_dir, offline=settings.offline)
    desk = Desk(
        Ledger(settings.data_dir),
        Studio(store, settings.data_dir),
        queue_size=settings.queue_size,
        keep_jobs=settings.keep_jobs,
        keep_hours=settings.keep_hours,
        job_timeout=settings.job_timeout,
    )
    desk.start()
    page = build_page(desk, store, settings)
    try:
        launch(page, desk, settings)
        threading.Thread(
            target=_warm_up, args=(store, [settings.model, MESH_MODEL]), name="warm-up", daemon=True
        ).start()
        page.block_thread()
    finally:
        desk.close()


def _warm_up(store: "ModelStore", names: Sequence[str]) -> None:
    """Load the models that the first visitor will want, while the page is already there."""
    for name in names:
        try:
            store.warm_up(name)
        except MaquetteError as error:
            logging.getLogger(__name__).warning("%s is not ready: %s", name, error.message)


if __name__ == "__main__":
    main()
