"""The Sketch tab in a real browser: drawn with the mouse, followed at once, made into a mesh."""

import base64
import io

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Page
from scipy.ndimage import binary_fill_holes

from tests.server import Server
from tests.ui.conftest import OpenPage
from tests.ui.steps import complaint, draw, open_sketch

pytestmark = pytest.mark.browser

ROOF = [(120, 240), (256, 110), (392, 240), (120, 240)]
WALL = [(150, 240), (150, 430), (362, 430), (362, 240)]


@pytest.fixture
def page(visit: OpenPage, server: Server) -> Page:
    """The Sketch tab, just opened."""
    if not server.sketches:
        pytest.skip("models/starter/control is not there: python -m training.make_starter --only control")
    page = visit()
    open_sketch(page)
    return page


def inked(page: Page) -> NDArray[np.bool_]:
    """Where the paper is dark."""
    address = page.evaluate("document.querySelector('#sketch-pad canvas').toDataURL('image/png')")
    content = base64.b64decode(address.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)).convert("L")) < 128


def generate(page: Page, prompt: str) -> Image.Image:
    """Press Generate and return the finished picture."""
    page.fill("#sketch-prompt textarea, #sketch-prompt input", prompt)
    page.click("#sketch-generate")
    page.wait_for_selector("#sketch-picture .mq-pane[data-state=done]")
    address = page.eval_on_selector("#sketch-picture .mq-frame img", "image => image.src")
    return Image.open(io.BytesIO(httpx.get(address).content))


def test_a_triangle_on_a_box_becomes_a_house_and_the_house_a_mesh(page: Page, server: Server) -> None:
    draw(page, ROOF, WALL)
    house = generate(page, "a red house")
    drawn = binary_fill_holes(inked(page))
    if server.trained:
        shown = np.asarray(house.resize((512, 512)).convert("RGB")).min(-1) < 245
        assert (shown & drawn).sum() / (shown | drawn).sum() > 0.6
    page.click("#sketch-make-3d")
    page.wait_for_selector("#sketch-mesh .mq-pane[data-state=done]")
    assert "vertices" in page.inner_text("#sketch-mesh .mq-facts")
    page.wait_for_selector("#sketch-recent .mq-card i:text('3D')")


def test_the_picture_follows_the_drawing_while_one_draws(page: Page) -> None:
    live = "#sketch-picture .mq-pane[data-state=live] img"
    draw(page, ROOF)
    page.wait_for_selector(live)
    first = page.eval_on_selector(live, "image => image.src")
    draw(page, WALL)
    page.wait_for_function(f"first => document.querySelector('{live}')?.src !== first", arg=first)
    second = page.eval_on_selector(live, "image => image.src")
    mistakes: list[object] = []
    page.on("pageerror", lambda error: mistakes.append(error))
    page.click("button[role=tab]:has-text('Image')")  # whose own pad has no picture yet
    open_sketch(page)
    page.fill("#sketch-prompt textarea", "a blue castle")  # at once, as pasted words are
    page.wait_for_function(f"old => document.querySelector('{live}')?.src !== old", arg=second)
    assert mistakes == []
    page.click("#sketch-pad [data-act=clear]")
    page.wait_for_selector("#sketch-picture .mq-pane[data-state=idle]")


def test_what_is_drawn_can_be_undone_erased_and_cleared(page: Page) -> None:
    draw(page, ROOF)
    roof = inked(page)
    assert roof.sum() > 1000
    draw(page, WALL)
    page.click("#sketch-pad [data-act=undo]")
    assert (inked(page) == roof).all()
    page.click("#sketch-pad [data-tool=eraser]")
    draw(page, [(120, 240), (392, 240)])
    erased = inked(page)
    assert not erased[240, 160:350].any()
    assert erased.sum() > 300  # the slopes are still there
    page.click("#sketch-pad [data-act=clear]")
    assert not inked(page).any()


def test_a_broader_brush_draws_broader(page: Page) -> None:
    draw(page, [(100, 100), (400, 100)])
    page.fill("#sketch-pad input[type=range]", "20")
    draw(page, [(100, 300), (400, 300)])
    columns = inked(page)[:, 250]
    assert columns[280:320].sum() > 2 * columns[80:120].sum()


def test_an_uploaded_drawing_is_cleaned_and_shown_dark_on_white(page: Page) -> None:
    board = Image.new("RGB", (900, 900), "black")
    ImageDraw.Draw(board).line([(x * 900 // 512, y * 900 // 512) for x, y in ROOF], "white", 30)
    content = io.BytesIO()
    board.save(content, "PNG")
    page.set_input_files(
        "#sketch-pad input[type=file]",
        {"name": "board.png", "mimeType": "image/png", "buffer": content.getvalue()},
    )
    page.wait_for_selector("#sketch-pad canvas[data-drawing]")
    page.wait_for_selector("#sketch-picture .mq-pane[data-state=live]")
    found = inked(page)
    assert 0.005 < found.mean() < 0.03
    assert found[236:246, 200:300].any(axis=0).all()  # the roof's lower edge


def test_empty_paper_is_refused_in_words(page: Page) -> None:
    page.click("#sketch-generate")
    text = complaint(page)
    assert "The sketch is empty" in text
    assert "BAD_IMAGE" in text


def test_a_reload_shows_the_drawing_and_its_picture_again(page: Page) -> None:
    draw(page, ROOF, WALL)
    generate(page, "a blue house")
    page.reload()
    page.wait_for_selector("#sketch-recent .mq-recent")  # the tab stays open
    page.wait_for_selector("#sketch-picture .mq-pane[data-state=done]")
    page.wait_for_selector("#sketch-pad canvas[data-drawing]")
    page.wait_for_function(
        "document.querySelector('#sketch-prompt :is(textarea, input)').value === 'a blue house'"
    )
    assert inked(page).sum() > 1000
