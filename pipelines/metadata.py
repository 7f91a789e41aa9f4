"""The parameters inside a picture, so that it can be made again."""

import json
import os
import re
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from models.schedulers import SCHEDULERS
from pipelines.requests import Request

_SAMPLERS = {
    "DDIMScheduler": "DDIM",
    "DDPMScheduler": "DDPM",
    "PNDMScheduler": "PLMS",
    "EulerDiscreteScheduler": "Euler",
    "EulerAncestralDiscreteScheduler": "Euler a",
    "HeunDiscreteScheduler": "Heun",
    "LMSDiscreteScheduler": "LMS",
    "DPMSolverMultistepScheduler": "DPM++ 2M",
    "DPMSolverSDEScheduler": "DPM++ SDE",
    "UniPCMultistepScheduler": "UniPC",
    "LCMScheduler": "LCM",
}
_LAST_LINE = re.compile(r"\s*(?P<name>[A-Z][\w ]*): (?P<value>\"(?:\\.|[^\"\\])*\"|[^,]*)(?:,|$)")


def sampler_name(scheduler: Any) -> str:
    """A scheduler's name as other programs write it, for example DPM++ 2M Karras."""
    name = _SAMPLERS.get(type(scheduler).__name__, type(scheduler).__name__)
    return f"{name} Karras" if getattr(scheduler.config, "use_karras_sigmas", False) else name


def save_png(image: Image.Image, path: Path, request: Request, facts: dict[str, Any]) -> None:
    """Write a PNG with its request and facts inside; the file appears whole or not at all.

    Args:
        facts: what was decided for this picture: model, seed, steps, guidance_scale, width, height, sampler.
    """
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", parameters_text(request, facts))
    record = {"request": request.model_dump(mode="json"), "facts": facts}
    info.add_itxt("maquette", json.dumps(record, ensure_ascii=False, sort_keys=True))
    part = path.with_name(f"{path.name}.part")
    image.save(part, "PNG", pnginfo=info, compress_level=4)
    os.replace(part, path)


def parameters_text(request: Request, facts: dict[str, Any]) -> str:
    """The text that AUTOMATIC1111's web UI writes and reads."""
    given = {name: facts.get(name) for name in ("prompt", "negative_prompt")} | request.model_dump()
    lines = [given["prompt"] or ""]
    if given["negative_prompt"]:
        lines.append(f"Negative prompt: {given['negative_prompt']}")
    last = {
        "Steps": facts.get("steps"),
        "Sampler": facts.get("sampler"),
        "CFG scale": facts.get("guidance_scale"),
        "Seed": facts.get("seed"),
        "Size": f"{facts.get('width')}x{facts.get('height')}",
        "Model": facts.get("model"),
        "Denoising strength": facts.get("strength"),
        "Version": "Maquette",
    }
    lines.append(", ".join(f"{name}: {value}" for name, value in last.items() if value is not None))
    return "\n".join(lines)


def read_parameters(path: Path) -> dict[str, Any] | None:
    """What a picture says of itself, as {"request", "facts"}: our record, else A1111's text, else None."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            image.load()
            texts = dict(image.text) if isinstance(image, PngImagePlugin.PngImageFile) else {}
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    if "maquette" in texts:
        try:
            record = json.loads(texts["maquette"])
        except ValueError:
            record = None
        if isinstance(record, dict) and isinstance(record.get("request"), dict):
            return record
    return _from_a1111(str(texts["parameters"])) if "parameters" in texts else None


def _from_a1111(text: str) -> dict[str, Any] | None:
    """Prompt, negative prompt and the last line's settings."""
    *head, last = text.strip().split("\n")
    found = {match["name"]: match["value"].strip() for match in _LAST_LINE.finditer(last)}
    if "Steps" not in found:
        return None
    prompt, _, negative = "\n".join(head).partition("Negative prompt: ")
    request: dict[str, Any] = {"prompt": prompt.strip(), "negative_prompt": negative.strip()}
    for name, field in (("Steps", "steps"), ("Seed", "seed")):
        if re.fullmatch(r"\d{1,10}", found.get(name, "")):
            request[field] = int(found[name])
    if re.fullmatch(r"\d{1,3}(\.\d{1,4})?", found.get("CFG scale", "")):
        request["guidance_scale"] = float(found["CFG scale"])
    if found.get("Sampler") in SCHEDULERS:
        request["scheduler"] = found["Sampler"]
    if size := re.fullmatch(r"(\d{1,5})x(\d{1,5})", found.get("Size", "")):
        request |= {"width": int(size[1]), "height": int(size[2])}
    return {"request": request, "facts": found}
