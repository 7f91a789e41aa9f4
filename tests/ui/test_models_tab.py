"""The Models tab: getting and removing models, for who owns the machine and for nobody else."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
import torch
from gradio_client import Client
from playwright.sync_api import Browser, Page

from models.catalogue import CATALOGUE
from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from tests.hub import Hub, serving
from tests.models.checkpoints import publish
from tests.server import running
from ui.models_list import models_list
from ui.models_tab import ModelsTab
from ui.settings import Settings
from ui.visitor import is_owner

CONTROL, TURBO = CATALOGUE["controlnet-scribble"], CATALOGUE["sd-turbo"]
WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    published = tmp_path_factory.mktemp("published")
    with serving() as hub:
        publish(hub, CONTROL.name, published / "control")
        publish(hub, TURBO.name, published / "turbo")
        yield hub


@pytest.fixture
def open_models(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open the Models tab of a page."""
    pages: list[Page] = []

    def opened(url: str) -> Page:
        page = browser.new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(url)
        page.wait_for_selector("#recent .mq-recent")
        page.click("button[role=tab]:has-text('Models')")
        page.wait_for_selector("#models li")
        return page

    yield opened
    for page in pages:
        page.close()


def row(name: str, state: str) -> str:
    """The selector of a model in a state."""
    return f"#models li[data-model='{name}'][data-state='{state}']"


@pytest.mark.browser
def test_a_model_is_downloaded_stopped_taken_up_again_and_removed(
    hub: Hub, open_models: Callable[[str], Page], tmp_path: Path
) -> None:
    go_on = Event()
    hub.holds[WEIGHTS] = (1_000_000, go_on)
    with running(tmp_path / "data", hub=hub.url) as server:
        page = open_models(server.url)
        name = CONTROL.name
        page.click(f"{row(name, 'missing')} [data-do=download]")
        page.wait_for_selector(f"{row(name, 'downloading')} .mq-line:has-text('1 MB of 3 MB')")
        again = open_models(server.url)  # it goes on without the page that began it, and others see it
        page.close()
        again.click(f"{row(name, 'downloading')} [data-do=stop]")
        # The line stays silent until then: had it gone on, the rest could have come before the stop did.
        again.wait_for_selector(f"{row(name, 'missing')} .mq-do:has-text('have come')")
        go_on.set()
        again.click(f"{row(name, 'missing')} [data-do=download]")
        again.click(f"{row(name, 'ready')} [data-do=remove]")
        again.wait_for_selector(f"{row(name, 'missing')} [data-do=download]")
        assert not (tmp_path / "data" / "models" / name).exists()
        again.click("#models [data-do=download][data-name=taesd]")  # which this Hub does not have
        failed = again.wait_for_selector(f"{row('taesd', 'missing')} .mq-error")
        assert failed is not None and "no repository madebyollin/taesd" in failed.inner_text()


@pytest.mark.browser
def test_on_a_public_server_nobody_gets_or_removes_models(
    hub: Hub, open_models: Callable[[str], Page], tmp_path: Path
) -> None:
    hub.forget()
    with running(tmp_path / "data", "--host", "0.0.0.0", hub=hub.url) as server:
        page = open_models(server.url)
        assert page.locator("#models li").count() == len(CATALOGUE)
        assert page.locator("#models [data-do]").count() == 0
        client = Client(server.url, verbose=False)
        record = client.predict(prompt="a cup", model="sd-turbo", api_name="/text_to_image")
        assert record["error"]["code"] == "MODEL_MISSING"
        assert "python -m models download sd-turbo" in record["error"]["message"]
        assert hub.asked == []


def asking(host: str = "127.0.0.1", **headers: str) -> Any:
    """A request as Gradio hands it to an event."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(client=SimpleNamespace(host=host), headers=named)


@pytest.mark.parametrize(
    ("options", "request_", "owner"),
    [
        ([], asking(), True),
        ([], asking("::1"), True),
        ([], asking("192.168.1.7"), False),
        ([], asking(x_forwarded_for="203.0.113.5"), False),
        (["--share"], asking(), False),
        (["--host", "0.0.0.0"], asking(), False),
    ],
)
def test_only_who_sits_at_the_machine_of_a_private_page_owns_it(
    options: list[str], request_: Any, owner: bool
) -> None:
    assert is_owner(Settings.from_options(options), request_) is owner


@pytest.mark.parametrize("what", ["download", "stop", "unload", "remove"])
def test_a_press_that_no_button_offered_is_refused(starter_dir: Path, tmp_path: Path, what: str) -> None:
    store = ModelStore(
        Runtime(torch.device("cpu"), torch.float32, "a test"), tmp_path, starter_dir=starter_dir
    )
    with gr.Blocks(), gr.Tab() as inner:
        tab = ModelsTab(store, Settings.from_options(["--share"]), inner)
    with pytest.raises(MaquetteError, match="Only whoever runs this server"):
        tab.change(asking(), what, "sd-turbo")
    assert store.downloads.running("sd-turbo") is None


def test_what_a_user_wrote_cannot_become_part_of_the_page(starter_dir: Path, tmp_path: Path) -> None:
    text = '[m]\nhub = "a/b"\nfamily = "sd"\ntitle = "<b>x"\nlicence = "<i>"\n[n]\nsteps = "<script>"\n'
    (tmp_path / "models.toml").write_text(text)
    store = ModelStore(
        Runtime(torch.device("cpu"), torch.float32, "a test"), tmp_path, starter_dir=starter_dir
    )
    html = models_list(store, owner=True)
    assert "&lt;b&gt;x" in html and not any(tag in html for tag in ("<b>", "<i>", "<script>"))
    assert "models.toml, line 7" in html and "models.toml" not in models_list(store, owner=False)
