"""The whole walk in a real browser: words, a picture step by step, a mesh in the viewer."""

import io
from pathlib import Path
from urllib.parse import unquote

import httpx
import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from tests.server import Server
from tests.ui.conftest import OpenPage
from tests.ui.steps import WATCH, ask, complaint, more, picture
from tsr.gltf import write_glb

pytestmark = pytest.mark.browser


def viewer_pixels(page: Page) -> NDArray[np.float64]:
    """The viewer as the visitor sees it: [H, W, 3] in 0..1."""
    shot = page.locator(".mq-viewer canvas").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=np.float64) / 255


def wait_drawn(page: Page) -> NDArray[np.float64]:
    """Wait until the viewer shows more than its plain ground."""
    page.wait_for_selector(".mq-viewer canvas")
    for _ in range(600):
        pixels = viewer_pixels(page)
        height, width, _ = pixels.shape
        middle = pixels[height // 4 : -height // 4, width // 4 : -width // 4]
        if np.ptp(middle.reshape(-1, 3), axis=0).max() > 0.1:
            return pixels
        page.wait_for_timeout(100)  # a poll: WebGL tells nobody when it has drawn
    raise AssertionError("the viewer stays blank")


def make_mesh(page: Page, server: Server) -> NDArray[np.float64]:
    """Press Make 3D and wait for the mesh; random models get a coarse grid, their surface is everywhere."""
    if not server.trained:
        more(page)
        page.fill("#resolution input[type=number]", "32")
    page.click("#make-3d")
    page.wait_for_selector("#mesh .mq-pane[data-state=done]")
    return wait_drawn(page)


def test_words_become_a_picture_and_the_picture_a_mesh(visit: OpenPage, server: Server) -> None:
    page = visit()
    page.evaluate(WATCH)
    ask(page, "a red mushroom")
    source = picture(page)
    assert page.evaluate("window.previews.size") >= 5
    assert httpx.get(source).headers["content-type"] == "image/png"
    make_mesh(page, server)
    assert "vertices" in page.inner_text("#mesh .mq-facts")
    address = page.get_attribute("#mesh .mq-link", "href")
    assert httpx.get(f"{server.url}/{address}").content.startswith(b"glTF")
    assert page.get_attribute("#mesh .mq-link", "download") == "a-red-mushroom.glb"
    page.wait_for_selector("#recent .mq-card i:text('3D')")


def test_a_red_mushroom_has_a_red_cap_in_the_viewer(visit: OpenPage, server: Server) -> None:
    if not server.trained:
        pytest.skip("random models draw no mushroom: python -m training.make_starter")
    page = visit()
    ask(page, "a red mushroom")
    picture(page)
    pixels = make_mesh(page, server)
    upper = pixels[: len(pixels) // 2].reshape(-1, 3)
    low, high = upper.min(axis=1), upper.max(axis=1)
    coloured = upper[(high - low) / np.maximum(high, 1e-6) > 0.35]
    red = coloured[(coloured[:, 0] > 1.5 * coloured[:, 1]) & (coloured[:, 0] > 1.5 * coloured[:, 2])]
    assert len(coloured) > 0.01 * len(upper), "hardly anything in the viewer has a colour"
    assert len(red) > 0.6 * len(coloured)


def test_a_reload_shows_the_running_job_again_and_it_can_be_cancelled(visit: OpenPage) -> None:
    page = visit()
    ask(page, "a blue robot", steps=150, images=8)
    page.wait_for_selector(".mq-preview")
    page.reload()
    page.wait_for_selector("#picture .mq-pane[data-state=running] .mq-preview")
    page.wait_for_function("document.querySelector('#prompt textarea').value === 'a blue robot'")
    page.click("#cancel")
    page.wait_for_selector("#picture .mq-pane[data-state=cancelled]")
    page.wait_for_selector("#cancel", state="hidden")


def test_a_reload_shows_the_finished_picture_and_its_mesh_again(visit: OpenPage, server: Server) -> None:
    page = visit()
    ask(page, "a yellow rocket", steps=6)
    source = picture(page)
    make_mesh(page, server)
    page.reload()
    assert picture(page) == source
    page.wait_for_selector("#mesh .mq-pane[data-state=done]")
    wait_drawn(page)


def test_another_visitor_sees_nothing_of_it(visit: OpenPage) -> None:
    page = visit()
    ask(page, "a green teapot", steps=6)
    picture(page)
    page.wait_for_selector("#recent .mq-card")
    stranger = visit()
    assert stranger.locator("#recent .mq-card").count() == 0
    assert stranger.locator("#picture .mq-pane[data-state=idle]").count() == 1
    second = visit(page.context)
    assert second.locator("#recent .mq-card").count() == 1


def test_several_pictures_can_be_chosen_from_and_a_seed_used_again(visit: OpenPage) -> None:
    page = visit()
    ask(page, "a white castle", steps=6, images=3)
    first = picture(page)
    thumbs = page.locator("#picture .mq-thumbs button")
    assert thumbs.count() == 3
    thumbs.nth(2).click()
    page.wait_for_selector("#picture .mq-thumbs button[data-pick='image-2.png'][aria-pressed=true]")
    assert unquote(picture(page)) == unquote(first).replace("image-0", "image-2")
    page.click("#reuse")
    page.wait_for_function("document.querySelector('#seed input, #seed textarea').value !== ''")
    seed = page.input_value("#seed input, #seed textarea")
    assert f"Seed {seed}" in page.inner_text("#picture .mq-facts")
    page.click("#dice")
    page.wait_for_function("document.querySelector('#seed input, #seed textarea').value === ''")


def test_an_earlier_job_is_opened_and_deleted(visit: OpenPage) -> None:
    page = visit()
    ask(page, "a pink donut", steps=4)
    older = picture(page)
    ask(page, "a white castle", steps=4)
    page.wait_for_selector("#recent .mq-card:nth-child(2)")
    page.wait_for_function(
        "old => (document.querySelector('#picture .mq-frame img') || {src: old}).src !== old", arg=older
    )
    picture(page)
    page.click("#recent .mq-card:nth-child(2) .mq-open")
    page.wait_for_function(
        "old => (document.querySelector('#picture .mq-frame img') || {}).src === old", arg=older
    )
    page.hover("#recent .mq-card:nth-child(2)")
    page.click("#recent .mq-card:nth-child(2) .mq-bin")
    page.wait_for_function("document.querySelectorAll('#recent .mq-card').length === 1")
    assert httpx.get(older).status_code == 403


def test_a_new_picture_clears_the_mesh_of_the_old_one(visit: OpenPage, server: Server) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=2)
    picture(page)
    make_mesh(page, server)
    ask(page, "a blue robot", steps=2)
    page.wait_for_selector("#mesh .mq-pane:not([data-state=done])")
    picture(page)
    assert page.query_selector("#mesh .mq-link") is None


def test_a_refused_request_leaves_the_picture_and_the_mesh_as_they_are(
    visit: OpenPage, server: Server
) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=2)
    drawn = picture(page)
    make_mesh(page, server)
    ask(page, "", steps=2)
    assert "(BAD_REQUEST)" in complaint(page)
    assert picture(page) == drawn
    assert page.query_selector("#mesh .mq-pane[data-state=done]") is not None
    assert page.query_selector("#mesh .mq-link") is not None


def test_files_are_saved_under_the_words_that_they_were_made_of(visit: OpenPage, server: Server) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=2)
    picture(page)
    make_mesh(page, server)
    saved = []
    for link in ("#picture .mq-link", "#mesh .mq-link"):
        with page.expect_download() as download:
            page.click(link)
        saved.append(download.value.suggested_filename)
    assert saved[0].startswith("a-red-mushroom-") and saved[0].endswith(".png")
    assert saved[1] == "a-red-mushroom.glb"


def test_the_viewer_shows_colours_as_they_are(visit: OpenPage, server: Server, tmp_path: Path) -> None:
    page = visit()
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.5)
    cream = np.array([224, 214, 180], np.uint8)
    ball.visual.vertex_colors = np.append(cream, 255)
    write_glb(ball, tmp_path / "cream.glb")
    page.route("**/*.glb*", lambda route: route.fulfill(path=tmp_path / "cream.glb"))
    ask(page, "a red mushroom", steps=2)
    picture(page)
    make_mesh(page, server)
    for _ in range(300):  # the light comes a while after the ball, and nobody tells when
        pixels = viewer_pixels(page)
        height, width, _ = pixels.shape
        middle = pixels[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
        seen = 255 * middle.mean(axis=(0, 1))
        if np.abs(seen - cream).max() < 12:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"cream {cream} looks {seen}")


def mesh_address(page: Page) -> str:
    """The address of the shown mesh's GLB."""
    return str(page.get_attribute("#mesh .mq-link", "href"))


def wait_anew(page: Page, old: str) -> str:
    """Wait until another mesh than the old one is finished and shown, and return its address."""
    page.wait_for_function(
        "old => { const link = document.querySelector('#mesh .mq-pane[data-state=done] .mq-link');"
        " return link !== null && link.getAttribute('href') !== old; }",
        arg=old,
    )
    return mesh_address(page)


def test_a_moved_threshold_shows_a_small_mesh_at_once_and_the_full_one_on_release(
    visit: OpenPage, server: Server
) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=6)
    picture(page)
    make_mesh(page, server)
    before = mesh_address(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    handle = page.locator("#mesh-threshold input[type=range]")
    box = handle.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.1, middle, steps=4)
    for _ in range(600):
        if any("/live-" in unquote(url) for url in asked):
            break
        page.wait_for_timeout(100)  # a poll: the viewer fetches the file when it is told
    assert any("/live-" in unquote(url) for url in asked)
    assert mesh_address(page) == before
    page.mouse.up()
    assert httpx.get(f"{server.url}/{wait_anew(page, before)}").content != (
        httpx.get(f"{server.url}/{before}").content
    )
    wait_drawn(page)


def finishes(server: Server) -> int:
    """How many jobs have finished a mesh."""
    return len(list((server.data_dir / "artifacts").glob("*/preview.png")))


def test_a_threshold_set_by_keyboard_makes_the_full_mesh_once(visit: OpenPage, server: Server) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=2)
    picture(page)
    make_mesh(page, server)
    before, count = mesh_address(page), finishes(server)
    page.focus("#mesh-threshold input[type=range]")
    page.keyboard.press("ArrowLeft")
    by_key = wait_anew(page, before)
    number = page.locator("#mesh-threshold input[type=number]")
    number.click()
    number.press("Control+a")
    number.press_sequentially("18")
    number.press("Enter")
    typed = wait_anew(page, by_key)
    number.press("Tab")  # leaving the field is no further change
    wait_drawn(page)
    assert mesh_address(page) == typed
    assert finishes(server) == count + 2


def test_a_threshold_that_is_no_number_stays_where_it_was(visit: OpenPage, server: Server) -> None:
    page = visit()
    ask(page, "a red mushroom", steps=2)
    picture(page)
    make_mesh(page, server)
    before = mesh_address(page)
    number = page.locator("#mesh-threshold input[type=number]")
    for typed, stays in (("ee", "25"), ("500", "100")):
        number.click()
        number.press("Control+a")
        number.press_sequentially(typed)
        number.press("Tab")
        assert number.input_value() == stays
        assert page.input_value("#mesh-threshold input[type=range]") == stays
        if stays == "25":
            assert mesh_address(page) == before
