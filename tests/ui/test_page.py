"""The page itself: what it asks for, what it refuses, and how it looks on small screens."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Request

from tests.api.calls import mushroom
from tests.server import Server
from tests.ui.conftest import OpenPage
from tests.ui.steps import complaint, more, picture

pytestmark = pytest.mark.browser


BAD = [
    ("#prompt textarea", "", ["prompt", "empty"]),
    ("#prompt textarea", "x" * 5000, ["prompt", "5000", "2000"]),
    ("#seed", "red", ["seed", "red"]),
    ("#seed", "1e30", ["seed", "1e30"]),
    ("#seed", "9" * 20, ["seed", "9" * 20, "4294967295"]),
    ("#width", "100", ["width", "100", "8"]),
    ("#height", "99999", ["height", "2048"]),
    ("#capture", "5, x", ["capture_steps", "x"]),
]


def test_bad_entries_are_told_with_value_and_limit(visit: OpenPage) -> None:
    page = visit()
    more(page)
    for field, value, words in BAD:
        page.fill("#prompt textarea", "a cup")
        entry = field if "textarea" in field else f"{field} input, {field} textarea"
        page.fill(entry, value)
        page.click("#generate")
        told = complaint(page)
        assert all(word in told for word in words), told
        assert "(BAD_REQUEST)" in told
        page.fill(entry, "")
    assert page.locator("#recent .mq-card").count() == 0


def test_a_failure_takes_the_place_of_the_one_before_and_leaves_by_itself(visit: OpenPage) -> None:
    page = visit()
    page.fill("#prompt textarea", "a cup")
    for wrong in ("red", "blue"):
        page.fill("#seed input, #seed textarea", wrong)
        page.click("#generate")
        page.wait_for_selector(f"[data-testid=toast-body]:has-text('{wrong}')")
    (told,) = page.locator("[data-testid=toast-body]").all_inner_texts()
    assert "'red'" not in told
    assert page.locator("[data-testid=toast-body] .timer").count() == 0  # Gradio's, which ends with the first
    page.wait_for_selector("[data-testid=toast-body]", state="detached")


def test_no_event_has_the_browser_look_for_where_to_show_progress(server: Server) -> None:
    events = httpx.get(f"{server.url}/config").json()["dependencies"]
    own = [event for event in events if str(event["api_name"]).startswith("page_")]
    assert len(own) > 50
    assert all(event["show_progress_on"] == [] for event in own)


def test_an_example_is_one_click_away(visit: OpenPage) -> None:
    page = visit()
    page.click(".mq-chip:has-text('a yellow rocket')")
    page.wait_for_function("document.querySelector('#prompt textarea').value === 'a yellow rocket'")
    page.fill("#steps input[type=number]", "4")
    page.press("#prompt textarea", "Enter")
    picture(page)


def show_upload(page: Page, path: Path) -> None:
    """Go to the Picture tab and choose a file."""
    page.click("button[role=tab]:has-text('Image')")
    page.set_input_files("#upload input[type=file]", path)


def test_a_picture_of_ones_own_becomes_a_mesh(visit: OpenPage, server: Server, tmp_path: Path) -> None:
    page = visit()
    show_upload(page, mushroom(tmp_path / "mine.png"))
    page.wait_for_selector("#upload img")
    if not server.trained:
        page.click("#upload-more > button >> nth=0")
        page.fill("#upload-resolution input[type=number]", "32")
    page.click("#make-upload-3d")
    page.wait_for_selector("#upload-mesh .mq-pane[data-state=done]")
    page.wait_for_selector("#recent-meshes .mq-card i:text('3D')")


def test_a_brushed_mask_decides_what_is_object(visit: OpenPage, server: Server, tmp_path: Path) -> None:
    page = visit()
    show_upload(page, mushroom(tmp_path / "mine.png"))
    page.wait_for_selector("#upload img")
    page.click("#upload-more > button >> nth=0")
    page.fill("#upload-resolution input[type=number]", "32")
    page.click("#brush-mask")
    canvas = page.wait_for_selector("#mask canvas[data-begun]")
    assert canvas is not None
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    before = set((server.data_dir / "inputs").glob("*.png"))
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 3, steps=3)
    page.mouse.up()
    for _ in range(600):
        if set((server.data_dir / "inputs").glob("*.png")) != before:
            break
        page.wait_for_timeout(100)  # a poll: the page shows nothing when a stroke has been kept
    page.click("#make-upload-3d")
    page.wait_for_selector("#upload-mesh .mq-pane[data-state=done]")
    assert "touches" in page.inner_text("#upload-mesh")  # the stroke along the border is object now


@pytest.mark.parametrize(("kept", "words"), [(0, "not a picture in a known format"), (300, "damaged")])
def test_a_file_that_is_no_picture_is_told(visit: OpenPage, tmp_path: Path, kept: int, words: str) -> None:
    broken = tmp_path / "broken.png"
    whole = mushroom(tmp_path / "whole.png").read_bytes()
    broken.write_bytes(whole[:kept] or b"this is no picture")
    page = visit()
    show_upload(page, broken)
    told = complaint(page)
    assert words in told
    assert "(BAD_IMAGE)" in told
    page.wait_for_selector("#upload img", state="detached")


def test_without_a_picture_there_is_a_plain_word(visit: OpenPage) -> None:
    page = visit()
    page.click("button[role=tab]:has-text('Image')")
    page.click("#make-upload-3d")
    assert "There is no picture yet" in complaint(page)


def test_the_page_asks_nothing_of_the_outside(visit: OpenPage, server: Server) -> None:
    asked: list[str] = []
    page = visit()

    def note(request: Request) -> None:
        if not request.url.startswith((server.url, "data:", "blob:")):
            asked.append(request.url)

    page.on("request", note)
    page.reload()
    page.wait_for_selector("#recent .mq-recent")
    page.click("button[role=tab]:has-text('Image')")
    page.wait_for_selector("#upload input[type=file]", state="attached")
    assert asked == []


def test_nothing_hangs_over_the_edge_of_a_phone(visit: OpenPage) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.clientWidth === 390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("#generate").bounding_box()
    assert box is not None and box["width"] > 300


def test_a_reload_stays_on_its_tab(visit: OpenPage) -> None:
    page = visit()
    page.click("button[role=tab]:has-text('Image')")
    page.wait_for_selector("#make-upload-3d")
    page.reload()
    page.wait_for_selector("#make-upload-3d")
    assert page.locator("button[role=tab][aria-selected=true]").inner_text() == "Image"


def test_the_page_tells_the_device_and_why(visit: OpenPage) -> None:
    page = visit()
    page.wait_for_selector("#device .mq-device")
    told = page.inner_text("#device")
    assert told.startswith("Runs on CPU") and ("bfloat16" in told or "float32" in told)
