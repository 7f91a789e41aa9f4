"""An event that joins the queue while the page has not noticed that its stream of answers has ended."""

import pytest
from playwright.sync_api import Page, Route

from tests.ui.conftest import OpenPage
from tests.ui.steps import complaint

pytestmark = pytest.mark.browser

QUIET = 1000.0  # milliseconds without a request


def wait_until_still(page: Page) -> None:
    """Wait until the page has asked for nothing for a while."""
    page.evaluate(
        """async (quiet) => {
            let last = performance.now();
            new PerformanceObserver(() => { last = performance.now(); }).observe({type: 'resource'});
            while (performance.now() - last < quiet) await new Promise((then) => setTimeout(then, 50));
        }""",
        QUIET,
    )


def test_its_answer_is_fetched_all_the_same(visit: OpenPage) -> None:
    page = visit()
    wait_until_still(page)
    held: list[Route] = []
    page.route("**/queue/data*", lambda route: held.append(route), times=1)
    with page.expect_request("**/queue/data*"):
        page.click("#reuse")  # any event that is answered at once
    while not held:
        page.wait_for_timeout(50)
    ended = held[0].fetch()  # the server has ended the stream; the page waits for its beginning
    with page.expect_response("**/queue/join*"):
        page.click("#generate")
    held[0].fulfill(response=ended)
    assert "empty" in complaint(page)
