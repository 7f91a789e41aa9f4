"""Our failures as Gradio tells them: the code as title, the message as text, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from models.errors import Code, MaquetteError

# Gradio takes all failures that stand away together, when the time of the first is over, however new the last
# one is. So they come without a time: the page takes them away when the last one has stood for so long, and
# those of before as soon as anything is tried that may fail again.
SECONDS = 6.0
PASSING = """
const close = () => {
    document.querySelectorAll('.toast-body.error .toast-close').forEach((cross) => cross.click());
};
const begins = {
    click: (event) => event.target.closest?.('button:not(.toast-close, .label-wrap, [role=tab])'),
    keydown: (event) => event.key === 'Enter',
    change: (event) => event.target.type === 'file',
    drop: () => true,
};
for (const [type, does] of Object.entries(begins)) {
    addEventListener(type, (event) => does(event) && close(), true);
}
let standing = '', leave;
new MutationObserver(() => {
    const seen = [...document.querySelectorAll('.toast-body.error')].map((toast) => toast.textContent).join();
    if (seen === standing) return;
    standing = seen;
    clearTimeout(leave);
    leave = setTimeout(close, SECONDS * 1000);
}).observe(document.body, {childList: true, characterData: true, subtree: true});
""".replace("SECONDS", f"{SECONDS:g}")


def page_error(code: Code, message: str) -> gr.Error:
    """A failure that page and API clients can read; the title is the code for programs."""
    return gr.Error(message, title=code, duration=None, print_exception=False)


@contextmanager
def told() -> Iterator[None]:
    """Hand our own failures on to Gradio.

    Raises:
        gr.Error: in place of a MaquetteError.
    """
    try:
        yield
    except MaquetteError as error:
        raise page_error(error.code, error.message) from None
