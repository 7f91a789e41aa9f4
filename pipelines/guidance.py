"""Whether the words and the guidance of a request have the effect that its user expects."""

import re
from collections.abc import Generator
from typing import Any

from pipelines.events import Note
from pipelines.plan import Plan
from pipelines.requests import shorten

_TAG = re.compile(r"<(?:lora|lyco|hypernet):[^<>]+>")  # how other programs are told of LoRAs


def guidance_notes(pipeline: Any, plan: Plan) -> Generator[Note]:
    """Say what of prompts, guidance and kept steps has no effect with this model, or a bad one."""
    title, asked = plan.card.title, plan.request.guidance_scale
    learned = pipeline.unet.config.get("time_cond_proj_dim") is not None  # told to the network as a number
    guided = plan.guidance_scale > 1 and not learned
    for tag in _TAG.findall(plan.request.prompt):
        yield Note(
            f"{shorten(tag)} in a prompt has no effect: LoRAs are chosen under More settings "
            "(`loras` in the API)."
        )
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
