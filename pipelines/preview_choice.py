"""By what half-drawn pictures are shown: the linear map, or a tiny autoencoder where that is chosen."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.easel import Preview
from pipelines.events import Note
from pipelines.plan import Plan
from pipelines.previews import TinyDecoder, colours_of


def preview_of(store: ModelStore, plan: Plan, pipeline: Any) -> Generator[Note, None, Preview]:
    """How the latents of a pipeline are shown; a tiny autoencoder that cannot be had is told about."""
    linear = colours_of(pipeline).draw
    if store.choices.previews == "linear":
        return linear
    try:
        network: Any = store.preview_decoder(plan.card.family)
    except MaquetteError as error:
        yield Note(f"Previews are rough: {error.message}")
        return linear
    if network.config.latent_channels != pipeline.vae.config.latent_channels:
        return linear  # an autoencoder of its own, as the starter's, which has its own map
    return TinyDecoder(network).draw
