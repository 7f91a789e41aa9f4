"""Our failures as Gradio tells them: the code as title, the message as text, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from models.errors import Code, MaquetteError

SECONDS = 6.0  # that the page shows a failure; it covers what is below it


def page_error(code: Code, message: str) -> gr.Error:
    """A failure that page and API clients can read; the title is the code for programs."""
    return gr.Error(message, title=code, duration=SECONDS, print_exception=False)


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
