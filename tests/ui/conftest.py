"""A real browser for the page."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.server import Server

WAIT = 60.0  # seconds for anything on the page to happen on a busy machine
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, drawing WebGL in software; where it must be there its lack is a failure."""
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
    """Open the page, each time as a new visitor unless a visitor's context is given."""
    contexts: list[BrowserContext] = []

    def open_page(context: BrowserContext | None = None) -> Page:
        if context is None:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(1000 * WAIT)
            contexts.append(context)
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_selector("#recent .mq-recent")  # the page knows its visitor now
        return page

    yield open_page
    for context in contexts:
        context.close()
