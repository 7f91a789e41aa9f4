"""How the page's own events are wired."""

from collections.abc import Callable
from typing import Any, Literal


def quiet(
    trigger: Callable[..., Any],
    answer: Callable[..., Any],
    inputs: Any,
    outputs: Any,
    *,
    js: str | None = None,
    trigger_mode: Literal["once", "multiple", "always_last"] | None = None,
) -> Any:
    """Connect an event that takes raw values, shows no overlay, waits for no other and is no endpoint.

    Raw values, because every value is checked by the request's own model, with messages of ours.
    """
    named = getattr(answer, "func", answer)  # of a partial, what it will call
    return trigger(
        answer,
        inputs,
        outputs,
        preprocess=False,
        show_progress="hidden",
        # With outputs to show progress on, even hidden, the browser looks each up among all components at
        # each message: a third of what opening the page takes.
        show_progress_on=[],
        concurrency_limit=None,
        api_visibility="private",
        api_name=f"page_{named.__name__}",  # keeps the plain names for the endpoints
        trigger_mode=trigger_mode,
        js=js,
    )


def in_sight(elem_id: str) -> str:
    """JavaScript that brings an element into sight on a phone, where it lies below what was pressed."""
    return f"""(...values) => {{
        if (innerWidth < 900) document.querySelector('#{elem_id}')?.scrollIntoView({{behavior: 'smooth'}});
        return values;
    }}"""
