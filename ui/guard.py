"""Gradio's own complaints about input, told with a code in place of a traceback."""

from collections.abc import Awaitable, Callable
from typing import Any

import gradio as gr
from gradio.exceptions import InvalidPathError
from pydantic import ValidationError

from ui.errors import page_error


class GuardedBlocks(gr.Blocks):
    """Blocks in which input that Gradio refuses by itself ends in a plain error with a code."""

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Refuse a list of arguments that is too short.

        Raises:
            gr.Error: BAD_REQUEST.
        """
        wanted = len(block_fn.inputs)
        if len(inputs) < wanted:
            raise page_error(
                "BAD_REQUEST", f"data: {len(inputs)} values, {wanted} are needed; call v2 takes names"
            )

    async def preprocess_data(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Refuse files that nobody uploaded and values of the wrong shape.

        Raises:
            gr.Error: BAD_REQUEST or BAD_IMAGE.
        """
        try:
            values: list[Any] = await super().preprocess_data(*args, **kwargs)
        except InvalidPathError:
            raise page_error("BAD_REQUEST", "file: only uploaded files can be used") from None
        except ValidationError:
            raise page_error("BAD_REQUEST", "a value does not have the shape of its field") from None
        return values

    async def process_api(self, block_fn: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run an event; to a visitor of the page the code is told in the message.

        Gradio's page heads every error with "Error", whatever its title.

        Raises:
            gr.Error: whatever the event raises.
        """
        try:
            done: dict[str, Any] = await super().process_api(block_fn, *args, **kwargs)
        except gr.Error as error:
            if block_fn.api_visibility == "private":
                error.message = f"{error.message} ({error.title})"
            raise
        return done


def refuse_addresses(component: gr.blocks.Block) -> None:
    """Keep a component from fetching files from other machines: only uploads are taken."""
    keep: Callable[[Any], Awaitable[str | None]] = component.async_move_resource_to_block_cache

    async def move(source: Any) -> str | None:
        if str(source).lower().startswith(("http:", "https:")):
            raise page_error("BAD_REQUEST", "file: addresses are not fetched, upload the file itself")
        return await keep(source)

    setattr(component, "async_move_resource_to_block_cache", move)  # noqa: B010
