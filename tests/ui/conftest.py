"""A real browser for the page."""

import os
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright

from tests.server import Server

WAIT = 60.0  # seconds for anything on the page to happen on a busy machine
# WebGL in software, as nothing else is: the page is composed as on any machine without a graphics card.
FLAGS = [
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    "--disable-gpu-compositing",
]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, drawing WebGL in software; where it must be there its lack is a failure.

    For one file at a time: where the browser runs, no other test can have an event loop of its own.
    """
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium on this machine, and CI asks for it")
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Open the page, each time as a new visitor unless a visitor's context is given.

    What the pages asked and were told last is printed at the end; pytest shows it where the test failed.
    """
    contexts: list[BrowserContext] = []
    told: deque[str] = deque(maxlen=60)

    def open_page(context: BrowserContext | None = None) -> Page:
        if context is None:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(1000 * WAIT)
            contexts.append(context)
        page = context.new_page()
        write_down(page, told)
        page.goto(server.url)
        page.wait_for_selector("#recent .mq-recent")  # the page knows its visitor now
        return page

    yield open_page
    for line in (*told, "the server's log:", server.log.read_text()[-2000:]):
        sys.stdout.write(f"{line}\n")
    for context in contexts:
        context.close()


def write_down(page: Page, told: deque[str]) -> None:
    """Keep the page's messages, its events in the queue, and what answered them."""
    began = time.monotonic()

    def note(*words: object) -> None:
        told.append(" ".join([f"{time.monotonic() - began:8.3f}", *map(str, words)]))

    def asked(request: Request) -> None:
        if "/queue/" in request.url:
            note(request.method, request.url, (request.post_data or "")[:300])

    def answered(response: Response) -> None:
        if "/queue/" in response.url or not response.ok:
            note(response.status, response.url)

    page.on("request", asked)
    page.on("response", answered)
    page.on("console", lambda message: note(message.type, message.text[:300]))
    page.on("pageerror", lambda error: note("error", error))
