"""How soon a picture follows a stroke in the browser: from lifting the mouse to the new picture on the page.

python -m benchmarks.live_sketch [--strokes 12] [--json FILE]
"""

import argparse
import json
import math
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.page import ROOT, free_port

LIMIT = 1.0  # seconds
PATIENCE = 240_000.0  # ms
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
LIVE = "#sketch-picture .mq-pane[data-state=live] img"
# Resolves with the milliseconds from the stroke's end to the picture of the last state of the paper.
WATCH = """(selector) => {
    window.lifted = new Promise((done) => addEventListener('pointerup', () => {
        const begun = performance.now(), before = document.querySelector(selector)?.src;
        const look = () => {
            const now = document.querySelector(selector)?.src;
            now && now !== before ? done(performance.now() - begun) : requestAnimationFrame(look);
        };
        look();
    }, {once: true, capture: true}));
}"""


def stroke(page: Page, rng: random.Random, number: int) -> None:
    """One quick line across the paper: first a house's outline, then anything."""
    box: Any = page.locator("#sketch-pad canvas").bounding_box()
    if number == 0:
        places = [(0.25, 0.85), (0.25, 0.45), (0.5, 0.2), (0.75, 0.45), (0.75, 0.85), (0.25, 0.85)]
    else:
        x, y, turn = rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7), rng.uniform(0, 6.3)
        places = [(x, y), (x + 0.25 * math.cos(turn), y + 0.25 * math.sin(turn))]
    page.mouse.move(box["x"] + places[0][0] * box["width"], box["y"] + places[0][1] * box["height"])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.up()


def seconds_of_strokes(page: Page, count: int) -> list[float]:
    """Draw, and wait for the picture after every stroke; the first, which may load models, does not count."""
    rng, found = random.Random(0), []
    page.click("button[role=tab]:text('Sketch')")
    page.wait_for_selector("#sketch-pad canvas[data-begun]")
    page.fill("#sketch-prompt textarea, #sketch-prompt input", "a red house")
    for number in range(count + 1):
        page.evaluate(WATCH, LIVE)
        stroke(page, rng, number)
        found.append(page.evaluate("window.lifted") / 1000)
        page.wait_for_timeout(1500)  # nothing may be on its way when the next stroke begins
    return found[1:]


def measure(strokes: int) -> list[float]:
    """Start the application, open its page in headless Chromium, and draw."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        options = ["--port", str(port), "--data-dir", folder, "--offline"]
        application = subprocess.Popen([sys.executable, "app.py", *options], cwd=ROOT)
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE)
            wait_for(page, f"http://127.0.0.1:{port}/")
            return seconds_of_strokes(page, strokes)
        finally:
            application.terminate()
            application.wait(60)


def wait_for(page: Page, address: str) -> None:
    """Open the page as soon as it is there."""
    from playwright.sync_api import Error

    for _ in range(600):
        try:
            page.goto(address)
        except Error:
            page.wait_for_timeout(200)
        else:
            page.wait_for_selector("#recent .mq-recent")
            return
    raise RuntimeError(f"nothing answers at {address}")


def main(options: Sequence[str] | None = None) -> None:
    """Measure, print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strokes", type=int, default=12)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(options)
    seconds = measure(given.strokes)
    result = {"seconds": seconds, "median": statistics.median(seconds), "limit": LIMIT}
    print(f"{'stroke to picture':<20}{'median s':>10}{'worst s':>10}{'limit s':>10}")
    print(f"{'starter':<20}{result['median']:>10.2f}{max(seconds):>10.2f}{LIMIT:>10.2f}")
    print(json.dumps(result))
    if given.json is not None:
        given.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
