"""By what half-drawn pictures are shown: the linear map, or a tiny autoencoder where that is chosen."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from models.errors import Cancelled, MaquetteError
from models.store import ModelStore, preview_model
from pipelines.easel import Check, Preview
from pipelines.events import Event, Note
from pipelines.fetching import fetched
from pipelines.plan import Plan
from pipelines.previews import TinyDecoder, colours_of


def preview_of(store: ModelStore, plan: Plan, pipeline: Any, check: Check) -> Generator[Event, None, Preview]:
    """How the latents of a pipeline are shown; a tiny autoencoder that cannot be had is told about.

    Raises:
        Cancelled: whatever `check` raises to cancel.
    """
    linear = colours_of(pipeline).draw
    if store.choices.previews == "linear":
        return linear
    name = preview_model(plan.card)
    try:
        yield from fetched(store, [name], check)
        network: Any = store.preview_decoder(name)
    except Cancelled:
        raise
    except MaquetteError as error:
        yield Note(f"Previews are rough: {error.message}")
        return linear
    if network.config.latent_channels != pipeline.vae.config.latent_channels:
        return linear  # of an autoencoder that is not its family's, in a model of the user's own
    return TinyDecoder(network).draw
