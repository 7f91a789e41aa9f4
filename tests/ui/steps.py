"""What visitors do on the page."""

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
