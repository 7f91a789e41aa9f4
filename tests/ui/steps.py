"""What visitors do on the page."""

from pathlib import Path

from playwright.sync_api import Page

# Collects every different preview that the page ever shows.
WATCH = """() => {
    window.previews = new Set();
    const all = () => document.querySelectorAll('.mq-preview');
    const look = () => all().forEach((image) => window.previews.add(image.src));
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


def ask(page: Page, prompt: str, *, steps: int = 20, images: int = 1) -> None:
    """Fill in the form and press Generate."""
    page.fill("#prompt textarea", prompt)
    page.fill("#steps input[type=number]", str(steps))
    page.fill("#images input[type=number]", str(images))
    page.click("#generate")


def picture(page: Page) -> str:
    """Wait for the finished picture and return its address."""
    page.wait_for_selector("#picture .mq-pane[data-state=done]")
    image = page.wait_for_selector("#picture .mq-frame img")
    assert image is not None
    return str(image.evaluate("image => image.src"))


def more(page: Page) -> None:
    """Unfold the rest of the settings."""
    page.click("#more > button >> nth=0")
    page.wait_for_selector("#width input, #width textarea")


def complaint(page: Page) -> str:
    """Wait for an error on the page, close it, and return its text."""
    toast = page.wait_for_selector("[data-testid=toast-body]")
    assert toast is not None
    text = str(toast.inner_text())
    page.click("[data-testid=toast-close]")
    page.wait_for_selector("[data-testid=toast-body]", state="detached")
    return text


def open_sketch(page: Page) -> None:
    """Open the Sketch tab."""
    page.click("button[role=tab]:text('Sketch')")
    page.wait_for_selector("#sketch-pad canvas[data-begun]")


def draw(page: Page, *lines: list[tuple[int, int]]) -> None:
    """Drag the mouse along lines given in the paper's 512 pixels."""
    box = page.locator("#sketch-pad canvas").bounding_box()
    assert box is not None
    for line in lines:
        places = [(box["x"] + x / 512 * box["width"], box["y"] + y / 512 * box["height"]) for x, y in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()


def choose(page: Page, mode: str) -> None:
    """Open the Image tab in one of its modes."""
    page.click("button[role=tab]:has-text('Image')")
    page.click(f"#image-mode label:has-text('{mode}')")


def show(page: Page, path: Path) -> None:
    """Choose a file as the tab's picture."""
    page.click("button[role=tab]:has-text('Image')")
    with page.expect_file_chooser() as chosen:
        page.click("#upload button >> nth=0")
    chosen.value.set_files(path)
    page.wait_for_selector("#upload img")


def brush(page: Page, *way: tuple[float, float]) -> None:
    """Draw over the picture along points in parts of its sides."""
    box = page.locator("#paint-pad canvas").bounding_box()
    assert box is not None
    for index, (x, y) in enumerate(way):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if index == 0:
            page.mouse.down()
    page.mouse.up()
