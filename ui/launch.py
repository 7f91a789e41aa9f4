"""How the page is put on the network."""

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import gradio as gr

from models.errors import MaquetteError
from ui.routes import app_options
from ui.theme import ICON, STYLE, make_theme

if TYPE_CHECKING:
    from jobs.desk import Desk
    from models.store import ModelStore
    from ui.settings import Settings

POLL_SECONDS = 0.005


def launch(page: gr.Blocks, desk: "Desk", store: "ModelStore", settings: "Settings") -> str:
    """Serve the page in the background and return its local address; only the jobs' files can be fetched.

    Raises:
        MaquetteError: BAD_REQUEST where it cannot listen on the host and port asked for.
    """
    gr.set_static_paths([settings.data_dir / "artifacts"])  # served where they lie instead of being copied
    _spare_the_processor(page)
    try:
        return _launched(page, desk, store, settings)
    except OSError:
        where = f"--host {settings.host or '127.0.0.1'}, --port {settings.port or '7860 to 7959'}"
        raise MaquetteError("BAD_REQUEST", f"{where}: taken, or not this machine's") from None


def _spare_the_processor(page: gr.Blocks) -> None:
    """Two things that Gradio does all the time, and that slow a small model down on few cores.

    It looks a thousand times a second whether an event has come; and at every update it looks for matplotlib
    in all folders, which is told here once and for all where it is not installed.
    """
    page._queue.sleep_when_free = POLL_SECONDS
    if find_spec("matplotlib") is None:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]


def _launched(page: gr.Blocks, desk: "Desk", store: "ModelStore", settings: "Settings") -> str:
    """The address of the page, once Gradio serves it."""
    _, address, _ = page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=settings.share,
        auth=settings.login,
        prevent_thread_lock=True,
        max_file_size=settings.max_upload_bytes,
        allowed_paths=[str(settings.data_dir / "artifacts")],
        blocked_paths=[str(path) for path in settings.data_dir.glob("maquette.*")],
        app_kwargs=app_options(desk, store),
        theme=make_theme(),
        css_paths=[STYLE],
        favicon_path=ICON,
        footer_links=["api"],
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        quiet=True,  # what it would say is for those who write programs with it
    )
    return str(address)
