"""Every bad input gets a code and a message that names value and limit; the server lives on."""

import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.api.calls import QUICK, answer, post, refusal, upload
from tests.server import Server

LONG = "x" * 5000


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ["prompt", "empty"]),
        ({"prompt": "   "}, ["prompt", "empty"]),
        ({"prompt": LONG}, ["prompt", "5000", "2000"]),
        ({"prompt": None}, ["prompt", "None"]),
        ({"prompt": 5}, ["prompt", "5"]),
        ({"prompt": ["a", "b"]}, ["prompt", "['a', 'b']"]),
        ({"prompt": "x", "negative_prompt": LONG}, ["negative_prompt", "5000", "2000"]),
        ({"prompt": "x", "steps": 500}, ["steps", "500", "150"]),
        ({"prompt": "x", "steps": 0}, ["steps", "0", "1"]),
        ({"prompt": "x", "steps": 2.5}, ["steps", "2.5"]),
        ({"prompt": "x", "steps": "ten"}, ["steps", "'ten'"]),
        ({"prompt": "x", "steps": True}, ["steps", "True"]),
        ({"prompt": "x", "steps": [20]}, ["steps", "[20]"]),
        ({"prompt": "x", "guidance_scale": 31}, ["guidance_scale", "31", "30"]),
        ({"prompt": "x", "guidance_scale": {"a": 1}}, ["guidance_scale"]),
        ({"prompt": "x", "seed": 1e30}, ["seed", "4294967295"]),
        ({"prompt": "x", "seed": -1}, ["seed", "-1", "0"]),
        ({"prompt": "x", "width": 100}, ["width", "100", "8"]),
        ({"prompt": "x", "height": 32}, ["height", "32", "64"]),
        ({"prompt": "x", "width": 1e30}, ["width", "2048"]),
        ({"prompt": "x", "num_images": 9}, ["num_images", "9", "8"]),
        ({"prompt": "x", "num_images": None}, ["num_images", "None"]),
        ({"prompt": "x", "capture_steps": "5"}, ["capture_steps", "'5'"]),
        ({"prompt": "x", "capture_steps": [0]}, ["capture_steps", "0"]),
        ({"prompt": "x", "model": ["starter"]}, ["model"]),
        ({"prompt": "x", "scheduler": "Euler b"}, ["scheduler", "'Euler b'", "'Euler a'", "'LMS'"]),
        ({"prompt": "x", "scheduler": 3}, ["scheduler", "3", "'Euler a'"]),
        ({"prompt": "x", "loras": ["pixel-art"]}, ["loras", "['pixel-art']", "object of names and numbers"]),
        ({"prompt": "x", "loras": {"pixel-art": 9}}, ["loras.pixel-art", "9", "4"]),
        ({"prompt": "x", "key": "../../etc"}, ["key", "'../../etc'"]),
        ({"prompt": "x", "key": 7}, ["key", "7"]),
    ],
)
def test_a_bad_field_is_named_with_value_and_limit(
    server: Server, fields: dict[str, Any], words: list[str]
) -> None:
    code, message = refusal(server, "text_to_image", fields)
    assert code == "BAD_REQUEST"
    assert all(word in message for word in words), message
    assert len(message) < 400


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(server: Server, number: str) -> None:
    for field in ("steps", "guidance_scale", "seed"):
        code, message = refusal(server, "text_to_image", text=f'{{"prompt": "x", "{field}": {number}}}')
        assert code == "BAD_REQUEST" and message.startswith(field)


def test_an_unknown_model_is_answered_with_the_known_ones(server: Server) -> None:
    sort, told = refusal(server, "text_to_image", {"prompt": "x", "model": "nonsense"})
    assert sort == "BAD_REQUEST"
    assert "nonsense" in told and "starter" in told
    queued = {"request": {"kind": "text_to_mesh", "prompt": "x", "mesh_model": "starter"}}
    sort, told = refusal(server, "submit", queued)
    assert sort == "BAD_REQUEST"
    assert "'starter' is not one of" in told and "starter-mesh" in told


def test_missing_weights_are_told_with_their_size(server: Server) -> None:
    record = answer(server, "text_to_image", {"prompt": "x", "model": "sdxl"})
    assert (record["state"], record["error"]["code"]) == ("failed", "MODEL_MISSING")
    assert "sdxl" in record["error"]["message"] and "GB" in record["error"]["message"]


def test_a_size_that_the_model_cannot_draw_names_the_nearest(server: Server) -> None:
    record = answer(server, "text_to_image", {"prompt": "x", "width": 72, "height": 64})
    assert record["error"]["code"] == "BAD_REQUEST"
    assert "72" in record["error"]["message"] and "80" in record["error"]["message"]


def png(width: int = 64, height: int = 64) -> bytes:
    """Noise, so that it does not compress to nothing."""
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def bomb() -> bytes:
    """Few bytes, 400 million pixels."""
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"this is no picture", "a.png", "BAD_IMAGE"),
        (b"", "empty.png", "BAD_IMAGE"),
        (png()[:2000], "short.png", "BAD_IMAGE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "BAD_IMAGE"),
        (bomb(), "bomb.png", "TOO_LARGE"),
    ],
)
def test_a_file_that_is_no_good_picture_is_refused(
    server: Server, content: bytes, name: str, code: str
) -> None:
    told, message = refusal(server, "image_to_mesh", {"image": upload(server, content, name)})
    assert told == code
    assert str(server.data_dir) not in message


@pytest.mark.parametrize(
    "image",
    [
        None,
        "",
        5,
        ["a"],
        {},
        {"path": 5},
        {"path": "/etc/passwd"},
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"path": "http://127.0.0.1:1/a.png", "meta": {"_type": "gradio.FileData"}},
        "/etc/passwd",
        "inputs/../maquette.db",
        "artifacts/../../etc/passwd.png",
        "http://127.0.0.1:1/a.png",
    ],
)
def test_what_was_not_uploaded_is_not_read(server: Server, image: Any) -> None:
    code, message = refusal(server, "image_to_mesh", {"image": image})
    assert code == "BAD_REQUEST"
    assert "Traceback" not in message and len(message) < 400


def test_a_picture_that_is_not_there_is_not_found(server: Server) -> None:
    record = answer(server, "image_to_mesh", {"image": f"inputs/{'0' * 64}.png"})
    assert (record["state"], record["error"]["code"]) == ("failed", "NOT_FOUND")


def test_a_picture_without_an_object_is_told(server: Server) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(buffer, "PNG")
    record = answer(server, "image_to_mesh", {"image": upload(server, buffer.getvalue()), "resolution": 32})
    assert (record["state"], record["error"]["code"]) == ("failed", "BAD_IMAGE")


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("submit", {}, "BAD_REQUEST"),
        ("submit", {"request": "text"}, "BAD_REQUEST"),
        ("submit", {"request": {"prompt": "x"}}, "BAD_REQUEST"),
        ("submit", {"request": {"kind": "nonsense"}}, "BAD_REQUEST"),
        ("submit", {"request": {"kind": "text_to_image", "prompt": "x", "colour": 1}}, "BAD_REQUEST"),
        ("status", {}, "BAD_REQUEST"),
        ("status", {"key": "nobody"}, "NOT_FOUND"),
        ("status", {"key": ["a"]}, "BAD_REQUEST"),
        ("cancel", {"key": "nobody"}, "NOT_FOUND"),
        ("delete", {"key": "nobody"}, "NOT_FOUND"),
        ("history", {"limit": 0}, "BAD_REQUEST"),
        ("history", {"limit": "all"}, "BAD_REQUEST"),
        ("history", {"before": "nobody"}, "NOT_FOUND"),
    ],
)
def test_the_endpoints_that_answer_at_once_refuse_in_the_same_way(
    server: Server, name: str, body: dict[str, Any], code: str
) -> None:
    assert refusal(server, name, body)[0] == code


def test_too_few_values_in_a_list_are_refused(server: Server) -> None:
    url = f"{server.url}/gradio_api/call/text_to_image"
    event = httpx.post(url, json={"data": ["a cup"]}).json()["event_id"]
    told = httpx.get(f"{url}/{event}", timeout=60).text
    assert "event: error" in told and "BAD_REQUEST" in told


def test_a_body_that_is_no_object_is_refused(server: Server) -> None:
    for text in ("[1]", "{", "null", '"a cup"'):
        assert post(server, "text_to_image", text=text).status_code == 422


def test_after_all_that_the_server_draws_and_its_log_has_no_traceback(server: Server) -> None:
    refusal(server, "text_to_image", {"prompt": "x", "steps": [json.dumps("x")]})
    assert answer(server, "text_to_image", QUICK)["state"] == "done"
    assert "Traceback" not in server.log.read_text()


def test_a_mesh_that_was_never_made_cannot_be_made_anew(server: Server) -> None:
    told = "source: no job has the key '../../etc'"
    assert refusal(server, "submit", {"request": {"kind": "remesh", "source": "../../etc"}}) == (
        "NOT_FOUND",
        told,
    )
    assert refusal(server, "remesh", {"source": "../../etc"}) == ("NOT_FOUND", told)
