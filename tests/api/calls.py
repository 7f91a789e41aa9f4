"""Calls of the API through plain HTTP, as any language can make them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.server import Server

SLOW = {
    "prompt": "a red mushroom",
    "steps": 150,
    "num_images": 8,
}  # can be cancelled in the middle
QUICK = {"prompt": "a red mushroom", "steps": 6, "seed": 7}


def post(server: Server, name: str, body: Any = None, text: str | None = None) -> httpx.Response:
    """Begin a call with named arguments, given as an object or as the text of the body."""
    content = text if text is not None else json.dumps(body or {})
    headers = {"content-type": "application/json"}
    url = f"{server.url}/gradio_api/call/v2/{name}"
    return httpx.post(url, content=content, headers=headers, timeout=60)


def events(server: Server, name: str, event_id: str) -> Iterator[tuple[str, Any]]:
    """What a call tells: pairs of the event's name and its data."""
    url = f"{server.url}/gradio_api/call/v2/{name}/{event_id}"
    kind = ""
    with httpx.stream("GET", url, timeout=240) as answer:
        for line in answer.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: ") and kind != "heartbeat":
                yield kind, json.loads(line.removeprefix("data: "))


def call(server: Server, name: str, body: Any = None, text: str | None = None) -> list[tuple[str, Any]]:
    """A whole call."""
    begun = post(server, name, body, text)
    assert begun.status_code == 200, begun.text
    return list(events(server, name, begun.json()["event_id"]))


def answer(server: Server, name: str, body: Any = None) -> Any:
    """The answer of a call that succeeds."""
    kind, data = call(server, name, body)[-1]
    assert kind == "complete", data
    return data[0]


def refusal(server: Server, name: str, body: Any = None, text: str | None = None) -> tuple[str, str]:
    """Code and message of a call that is refused."""
    told = call(server, name, body, text)
    assert [kind for kind, _ in told] == ["error"], told
    error = told[0][1]
    return error["title"], error["error"]


def upload(server: Server, content: bytes, name: str = "picture.png") -> dict[str, Any]:
    """Upload a file and return what stands for it in a call."""
    files = {"files": (name, content)}
    sent = httpx.post(f"{server.url}/gradio_api/upload", files=files, timeout=60)
    assert sent.status_code == 200, sent.text
    return {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}


def mushroom(path: Path) -> Path:
    """A picture of one object on white."""
    image = Image.new("RGB", (128, 128), "white")
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((54, 60, 74, 112), fill="bisque")
    drawing.ellipse((24, 20, 104, 76), fill="firebrick")
    image.save(path)
    return path
