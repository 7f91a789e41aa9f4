"""How soon a moved threshold slider shows another mesh: from the move to the viewer holding the new preview.

Measured in headless Chromium on a mesh of the starter set, while the slider is dragged:
python -m benchmarks.live [--repeat 3] [--json FILE]
"""

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.table import options, write
from tests.server import running
from tests.ui.conftest import FLAGS, WAIT
from tests.ui.steps import ask, picture

LIMIT = 0.3
MOVES = 12
SLIDER = "#mesh-threshold input[type=range]"
# The browser's own clock for all: the slider's event, the last byte of the file, and the first frame after it
# in which the viewer's picture, looked at in 48 x 48, is another.
WATCH = """() => {
    const small = new OffscreenCanvas(48, 48).getContext('2d', {willReadFrequently: true});
    const look = () => {
        const canvas = document.querySelector('.mq-viewer canvas');
        small.clearRect(0, 0, 48, 48);
        if (canvas?.width) small.drawImage(canvas, 0, 0, 48, 48);
        return small.getImageData(0, 0, 48, 48).data.join();
    };
    const blank = look();
    let before = blank;
    document.querySelector('SLIDER').addEventListener('input', () => {
        window.live = {moved: performance.now(), held: null, drawn: null};
    }, true);
    new PerformanceObserver((list) => {
        const files = list.getEntries().filter((file) => decodeURIComponent(file.name).includes('/live-'));
        if (files.length) window.live.held = files.at(-1).responseEnd;
    }).observe({type: 'resource'});
    const frame = (now) => {
        const shown = look(), live = window.live;
        if (shown !== blank) window.ready = true;
        if (live?.held && !live.drawn && shown !== before) live.drawn = performance.now();
        before = shown;
        setTimeout(() => requestAnimationFrame(frame));  // after the viewer has drawn, not before
    };
    requestAnimationFrame(frame);
}""".replace("SLIDER", SLIDER)


@dataclass(frozen=True)
class Row:
    """Seconds from the slider's move, the middle and the longest of the moves."""

    work: str
    middle_s: float
    longest_s: float
    limit_s: float

    @property
    def note(self) -> str:
        """For the table."""
        return "starter set, Chromium drawing in software"


def main() -> None:
    given = options(__doc__, "live")
    rows = measure(given.repeat)
    print(f"{'from a moved threshold to':<28}{'middle s':>10}{'longest s':>11}{'limit s':>9}")
    for row in rows:
        print(f"{row.work:<28}{row.middle_s:>10.3f}{row.longest_s:>11.3f}{row.limit_s:>9.1f}")
    write(given.json, rows)


def measure(repeat: int) -> list[Row]:
    """The rows; in each of `repeat` visits the slider is dragged MOVES times."""
    held: list[float] = []
    drawn: list[float] = []
    for _ in range(repeat):
        with mesh_page() as page:
            for to_held, to_drawn in dragged(page):
                held.append(to_held)
                drawn.append(to_drawn)
    return [
        Row("the viewer has the preview", statistics.median(held), max(held), LIMIT),
        Row("the viewer shows it", statistics.median(drawn), max(drawn), LIMIT),
    ]


@contextmanager
def mesh_page() -> Iterator[Page]:
    """The page with a finished mesh of the starter set in its viewer."""
    program = shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(1000 * WAIT)
        page.goto(server.url)
        page.wait_for_selector("#recent .mq-recent")
        ask(page, "a red mushroom")
        picture(page)
        page.evaluate(WATCH)
        page.click("#make-3d")
        page.wait_for_selector("#mesh .mq-pane[data-state=done]")
        page.wait_for_function("window.ready")
        yield page
        browser.close()


def dragged(page: Page) -> Iterator[tuple[float, float]]:
    """Seconds to the preview's last byte and to its first frame, for each move of a slider that is held."""
    page.locator(SLIDER).scroll_into_view_if_needed()
    box = page.locator(SLIDER).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    for number in range(MOVES):
        share = 0.10 + 0.012 * (number // 2) + 0.35 * (number % 2)  # to and fro, so that every move is seen
        page.mouse.move(box["x"] + box["width"] * share, middle)
        page.wait_for_function("window.live?.drawn")
        live = page.evaluate("window.live")
        yield (live["held"] - live["moved"]) / 1000, (live["drawn"] - live["moved"]) / 1000
    page.mouse.up()


if __name__ == "__main__":
    main()
