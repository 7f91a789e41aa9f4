"""The token that opens repositories whose authors want their conditions accepted."""

from collections.abc import Mapping


def hub_token(environment: Mapping[str, str]) -> str | None:
    """What HF_TOKEN or HUGGINGFACE_TOKEN says; without them the Hub's client looks for its own login."""
    return environment.get("HF_TOKEN") or environment.get("HUGGINGFACE_TOKEN")
