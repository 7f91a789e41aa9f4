"""Whether the words and the guidance of a request have the effect that its user expects."""

import re
from collections.abc import Generator, Iterable
from typing import Any

from pipelines.events import Note
from pipelines.plan import Plan
from pipelines.requests import shorten

_TAG = re.compile(r"<(?:lora|lyco|hypernet):[^<>]+>")  # how other programs are told of LoRAs
_WORD = re.compile(r"[^\W\d_]{2,}")
_END = "</w>"  # of a token that ends a word
_TOLD = 5  # words that one note names


def guidance_notes(pipeline: Any, plan: Plan, embeddings: Iterable[str] = ()) -> Generator[Note]:
    """Say what of prompts, guidance and kept steps has no effect with this model, or a bad one."""
    title, asked = plan.card.title, plan.request.guidance_scale
    learned = pipeline.unet.config.get("time_cond_proj_dim") is not None  # told to the network as a number
    guided = plan.guidance_scale > 1 and not learned
    for tag in _TAG.findall(plan.request.prompt):
        yield Note(
            f"{shorten(tag)} in a prompt has no effect: LoRAs are chosen under More settings "
            "(`loras` in the API)."
        )
    if plan.card.shipped and (words := unknown_words(pipeline, plan.request.prompt, embeddings)):
        named = ", ".join(map(shorten, words[:_TOLD])) + (" and others" if len(words) > _TOLD else "")
        yield Note(f"These words mean nothing to the starter set: {named}.")
    if plan.request.negative_prompt and not guided:
        why = "draws in one pass" if learned else f"is not guided at {plan.guidance_scale:g}"
        yield Note(f"The negative prompt has no effect: {title} {why}.")
    if asked is not None and 0 < asked <= 1 and asked != plan.card.default_guidance and not learned:
        yield Note(f"guidance_scale {asked:g} has no effect: it begins above 1.")
    if guided and plan.card.default_guidance <= 1:
        yield Note(
            f"{title} was made to draw without guidance; at {plan.guidance_scale:g} it takes twice as long, "
            "and colours may be too strong."
        )
    if beyond := [str(step) for step in plan.request.capture_steps or () if step > plan.drawn_steps]:
        yield Note(f"Nothing is kept of step {', '.join(beyond)}: the last one is {plan.drawn_steps}.")


def unknown_words(pipeline: Any, prompt: str, embeddings: Iterable[str]) -> list[str]:
    """A prompt's words that a starter model was not trained on: each of those that it was is one token.

    Of a tokenizer of letters alone nothing is told.
    """
    tokens = pipeline.tokenizer.get_vocab()
    known = {token.removesuffix(_END) for token in tokens if token.endswith(_END)}
    if not any(map(_WORD.fullmatch, known)):
        return []
    own = _WORD.findall(" ".join(embeddings).lower())
    said = _WORD.findall(_TAG.sub("", prompt).lower())
    return [word for word in dict.fromkeys(said) if word not in known and word not in own]
