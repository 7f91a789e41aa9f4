"""More settings of the drawing tabs in a real browser: schedulers and LoRAs, and what closed ones send."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from diffusers import UNet2DConditionModel
from PIL import Image, PngImagePlugin
from playwright.sync_api import Page

from tests.api.calls import mushroom
from tests.models.lora_files import make_lora
from tests.server import STARTER, Server, has_starter, running
from tests.ui.conftest import OpenPage
from tests.ui.steps import brush, choose, draw, open_sketch, show

pytestmark = pytest.mark.browser

ROOF = [(120, 240), (256, 110), (392, 240), (120, 240)]
UNTOUCHED = {"negative_prompt": "", "num_images": 1, "model": "starter", "scheduler": None, "loras": {}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, starter_dir: Path) -> Iterator[Server]:
    """The application with a LoRA in its folder from the start."""
    pictures = (STARTER if has_starter() else starter_dir) / "pictures"
    unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(pictures / "unet"))
    data = tmp_path_factory.mktemp("styled") / "data"
    make_lora(data / "loras" / "ink.safetensors", unet)
    with running(data) as server:
        yield server


def record(page: Page, tab: str) -> Any:
    """Wait for a tab's finished picture and return what its file says: the request, and the facts."""
    pane = page.wait_for_selector(f"#{tab}picture .mq-pane:is([data-state=done], [data-state=failed])")
    assert pane is not None
    assert pane.get_attribute("data-state") == "done", pane.inner_text()
    source = page.eval_on_selector(f"#{tab}picture .mq-frame img", "image => image.src")
    image = Image.open(io.BytesIO(httpx.get(source).content))
    assert isinstance(image, PngImagePlugin.PngImageFile)
    return json.loads(image.text["maquette"])


def style(page: Page, tab: str) -> None:
    """Choose a scheduler and the LoRA among a tab's settings."""
    page.click(f"#{tab}more > button >> nth=0")
    for field, name in (("scheduler", "Euler a"), ("loras", "ink")):
        page.click(f"#{tab}{field} input")
        page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")
    for field, value in (("steps", "4"), ("strength", "0.25")):
        page.fill(f"#{tab}{field} input[type=number]", value)
        # The page has taken it once the knob is there, too.
        page.wait_for_function(f"document.querySelector('#{tab}{field} [type=range]')?.value === '{value}'")


def is_styled(told: Any) -> bool:
    """Whether a picture was drawn as `style` has chosen."""
    assert (told["facts"]["sampler"], told["facts"]["steps"]) == ("Euler a", 4)
    request = told["request"]
    return bool(request["scheduler"] == "Euler a" and request["loras"] == {"ink": 0.25})


def open_paper(visit: OpenPage, server: Server) -> Page:
    """The Sketch tab with something drawn."""
    if not server.sketches:
        pytest.skip("models/starter/control is not there: python -m training.make_starter --only control")
    page = visit()
    open_sketch(page)
    draw(page, ROOF)
    return page


def test_a_sketch_is_drawn_with_the_scheduler_and_lora_that_were_chosen_and_they_stay(
    visit: OpenPage, server: Server
) -> None:
    page = open_paper(visit, server)
    style(page, "sketch-")
    page.click("#sketch-generate")
    assert is_styled(record(page, "sketch-"))
    page.reload()
    page.click("#sketch-more > button >> nth=0")
    page.wait_for_function("document.querySelector('#sketch-scheduler input')?.value === 'Euler a'")
    page.wait_for_selector("#sketch-loras .token:has-text('ink')")
    page.wait_for_function("document.querySelector('#sketch-strength input[type=number]')?.value === '0.25'")


@pytest.mark.parametrize(("mode", "button"), [("Vary", "#vary-input"), ("Paint over", "#paint-over")])
def test_a_picture_is_drawn_anew_with_the_scheduler_and_lora_that_were_chosen(
    visit: OpenPage, tmp_path: Path, mode: str, button: str
) -> None:
    page = visit()
    show(page, mushroom(tmp_path / "mine.png"))
    choose(page, mode)
    if mode == "Paint over":
        brush(page, (0.3, 0.3), (0.7, 0.3))
    style(page, "image-")
    page.click(button)
    assert is_styled(record(page, "image-"))


def test_words_whose_more_settings_were_never_opened_are_drawn_as_usual(visit: OpenPage) -> None:
    page = visit()
    page.fill("#prompt textarea", "a red mushroom")
    page.click("#generate")
    untouched = UNTOUCHED | {"width": None, "height": None, "capture_steps": None}
    assert record(page, "")["request"].items() >= untouched.items()


def test_a_sketch_whose_more_settings_were_never_opened_is_drawn_as_usual(
    visit: OpenPage, server: Server
) -> None:
    page = open_paper(visit, server)
    page.click("#sketch-generate")
    told = record(page, "sketch-")
    assert told["request"].items() >= (UNTOUCHED | {"width": None, "height": None, "seed": 1}).items()


@pytest.mark.parametrize(("mode", "button"), [("Vary", "#vary-input"), ("Paint over", "#paint-over")])
def test_a_picture_whose_more_settings_were_never_opened_is_drawn_as_usual(
    visit: OpenPage, tmp_path: Path, mode: str, button: str
) -> None:
    page = visit()
    show(page, mushroom(tmp_path / "mine.png"))
    choose(page, mode)
    if mode == "Paint over":
        brush(page, (0.3, 0.3), (0.7, 0.3))
    page.click(button)
    assert record(page, "image-")["request"].items() >= UNTOUCHED.items()
