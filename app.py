"""Start Maquette: read the settings, build the page, launch it, and warm the models up meanwhile."""

import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import MaquetteError
from ui.settings import Settings

if TYPE_CHECKING:
    from models.store import ModelStore

MESH_MODEL = "starter-mesh"


def main() -> None:
    """Run with the settings of the command line until interrupted; a failure to start is told in one line.

    SIGTERM ends it as Ctrl+C does: the job that runs is taken up again at the next start.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(Settings.from_options())
    except MaquetteError as error:
        sys.exit(f"app.py: {error.message}")
    except KeyboardInterrupt:  # before the page waits for one
        sys.exit(130)


def run(settings: Settings, starter_dir: Path | None = None) -> None:
    """Run until interrupted; `starter_dir` is a folder of other starter models than the shipped ones."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for client in ("httpx", "httpx2"):
        logging.getLogger(client).setLevel(logging.WARNING)
    data_dir = settings.data_dir.resolve()
    _make_folder(data_dir / "artifacts")
    # Uploads and what Gradio caches stay with our data; it reads this variable when it is imported.
    os.environ["GRADIO_TEMP_DIR"] = str(data_dir / "cache")
    _serve(settings.model_copy(update={"data_dir": data_dir}), starter_dir)


def _make_folder(folder: Path) -> None:
    """Make a folder where it is missing.

    Raises:
        MaquetteError: BAD_REQUEST naming the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MaquetteError(
            "BAD_REQUEST", f"--data-dir: {folder} cannot be made ({error.strerror})"
        ) from None


def _serve(settings: Settings, starter_dir: Path | None) -> None:
    """Build everything, launch the page and wait for the end."""
    from jobs.desk import Desk
    from jobs.ledger import Ledger
    from models.choices import Choices
    from models.download import Downloader
    from models.runtime import pick_runtime
    from models.store import STARTER_DIR, ModelStore
    from models.token import hub_token
    from pipelines.studio import Studio
    from ui.launch import launch
    from ui.page import build_page
    from ui.visitor import is_public

    store = ModelStore(
        partial(pick_runtime, settings.device, settings.dtype),
        settings.data_dir,
        offline=settings.offline or is_public(settings),  # no stranger has gigabytes fetched
        starter_dir=starter_dir or STARTER_DIR,
        downloader=Downloader(hub_token(os.environ)),
        choices=Choices(settings.safety, settings.previews),
    )
    store.card(settings.model, "image")  # refused now rather than when the first visitor presses Generate
    if (settings.device, settings.dtype) != ("auto", "auto"):
        _ = store.runtime  # decided now, for the same reason
    for problem in store.shelf.problems:
        logging.getLogger(__name__).warning(problem)
    desk = Desk(
        Ledger(settings.data_dir),
        Studio(store, settings.data_dir),
        queue_size=settings.queue_size,
        keep_jobs=settings.keep_jobs,
        keep_hours=settings.keep_hours,
        job_timeout=settings.job_timeout,
    )
    closing = threading.Event()
    desk.start()
    shutil.rmtree(settings.data_dir / "cache", ignore_errors=True)  # an earlier process has left it
    page = build_page(desk, store, settings)
    try:
        address = launch(page, desk, store, settings)
        link = "the public link lasts a week at most" if settings.share else "--share makes a public link"
        print(f"Maquette runs at {address} (Ctrl+C ends it, {link}).", flush=True)
        card = store.card(settings.model)
        names = [name for name in (card.name, card.control, MESH_MODEL, card.live) if name]
        threading.Thread(target=_warm_up, args=(store, names, closing), name="warm-up", daemon=True).start()
        if settings.idle_unload is not None:
            idle = (store, settings.idle_unload * 60)
            threading.Thread(target=_unload_when_idle, args=idle, name="idle", daemon=True).start()
        page.block_thread()
    finally:
        closing.set()
        desk.close()


def _warm_up(store: "ModelStore", names: Sequence[str], closing: threading.Event) -> None:
    """Load the models that the first visitor will want, while the page is already there."""
    for name in names:
        try:
            store.warm_up(name)
        except MaquetteError as error:
            if not closing.is_set():
                logging.getLogger(__name__).warning("%s is not ready: %s", name, error.message)
        except RuntimeError:  # at the end torch's thread takes no more work
            if not closing.is_set():
                raise


def _unload_when_idle(store: "ModelStore", seconds: float) -> None:
    """Give the memory back whenever nothing was drawn or meshed for so long."""
    while True:
        time.sleep(min(seconds / 4, 30))
        if store.free_idle(seconds):
            logging.getLogger(__name__).info("nothing to do for %g minutes: models unloaded", seconds / 60)


if __name__ == "__main__":
    main()
