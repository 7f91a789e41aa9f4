"""The Image tab in a real browser: a picture is varied, painted over, enlarged, and handed over."""

import io
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from tests.api.calls import mushroom
from tests.ui.conftest import OpenPage
from tests.ui.steps import ask, brush, choose, complaint, picture, show

pytestmark = pytest.mark.browser


def result(page: Page) -> NDArray[np.uint8]:
    """Wait for the finished picture and return its pixels."""
    page.wait_for_selector("#image-picture .mq-pane[data-state=done]")
    source = page.eval_on_selector("#image-picture .mq-frame img", "image => image.src")
    return np.asarray(Image.open(io.BytesIO(httpx.get(source).content)).convert("RGB"))


def test_a_brushed_region_is_drawn_anew_and_the_rest_is_unchanged(visit: OpenPage, tmp_path: Path) -> None:
    page, mine = visit(), mushroom(tmp_path / "mine.png")
    show(page, mine)
    choose(page, "Paint over")
    brush(page, (0.3, 0.3), (0.7, 0.3))
    page.fill("#image-prompt textarea", "a blue mushroom")
    page.click("#paint-over")
    with Image.open(mine) as before:
        changed = (result(page) != np.asarray(before)).any(axis=2)
    assert changed[34:42, 45:83].mean() > 0.9  # under the stroke
    changed[24:53, 24:104] = False  # the stroke and its round ends
    assert not changed.any()


def test_without_paint_a_plain_word(visit: OpenPage, tmp_path: Path) -> None:
    page = visit()
    show(page, mushroom(tmp_path / "mine.png"))
    choose(page, "Paint over")
    page.wait_for_selector("#paint-pad canvas")
    page.click("#paint-over")
    assert "Nothing is painted" in complaint(page)
    assert page.locator("#recent-meshes .mq-card").count() == 0


def test_a_picture_is_grown_and_enlarged(visit: OpenPage, tmp_path: Path) -> None:
    page = visit()
    show(page, mushroom(tmp_path / "mine.png"))
    choose(page, "Paint over")
    page.click("#grow label:has-text('Right')")
    page.click("#paint-over")
    assert result(page).shape == (128, 160, 3)
    page.click("#image-use-result")
    page.click("#image-mode label:has-text('Enlarge')")
    page.click("#enlarge")
    page.wait_for_selector("#image-picture .mq-facts:has-text('320 × 256')")


def test_a_result_dragged_to_the_image_tab_becomes_its_picture(visit: OpenPage) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=4)
    source = picture(page)
    page.drag_and_drop("#picture .mq-frame img", "button[role=tab]:has-text('Image')")
    page.wait_for_selector("#upload img")
    name = source.split("/artifacts/")[1]
    assert name in page.eval_on_selector("#upload img", "image => decodeURIComponent(image.src)")


def test_vary_draws_another_one_at_once_with_the_same_words(visit: OpenPage) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=4)
    picture(page)
    page.click("#vary-result")
    assert result(page).shape == (256, 256, 3)
    assert page.input_value("#image-prompt textarea") == "a red mushroom"
    page.wait_for_selector("#recent-meshes .mq-card span:text('a red mushroom')")


def test_an_earlier_result_comes_back_after_a_reload_and_can_be_deleted(
    visit: OpenPage, tmp_path: Path
) -> None:
    page = visit()
    show(page, mushroom(tmp_path / "mine.png"))
    choose(page, "Enlarge")
    page.click("#enlarge")
    result(page)
    page.reload()
    assert result(page).shape == (256, 256, 3)
    page.hover("#recent-meshes .mq-card")
    page.click("#recent-meshes .mq-bin")
    page.wait_for_selector("#image-picture .mq-pane[data-state=idle]", state="attached")
    page.wait_for_selector("#recent-meshes .mq-none")
