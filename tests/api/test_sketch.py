"""Sketches through the API: gradio_client, plain HTTP, and what is refused."""

import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from PIL import Image, ImageDraw

from tests.api.calls import answer, call, refusal, upload
from tests.server import Server

QUICK = {"prompt": "a red house", "steps": 4, "seed": 7}


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def house() -> Image.Image:
    """A triangle on a box, drawn with a pen."""
    picture = Image.new("RGB", (512, 512), "white")
    draw = ImageDraw.Draw(picture)
    draw.line([(120, 240), (256, 110), (392, 240), (120, 240)], "black", 8)
    draw.line([(150, 240), (150, 430), (362, 430), (362, 240)], "black", 8)
    return picture


@pytest.fixture
def drawing(server: Server) -> Any:
    """The house, uploaded; nothing to test with a server that has no ControlNet."""
    if not server.sketches:
        pytest.skip("models/starter/control is not there: python -m training.make_starter --only control")
    return upload(server, png(house()))


def test_a_sketch_is_followed_in_every_step(server: Server, drawing: Any, tmp_path: Path) -> None:
    path = tmp_path / "house.png"
    house().save(path)
    client = Client(server.url, verbose=False, download_files=str(tmp_path / "downloads"))
    told = list(client.submit(image=handle_file(path), **QUICK, api_name="/sketch_to_image"))
    steps = [record["step"] for record in told if record["stage"] == "drawing" and record["step"] > 0]
    assert steps[-1] == 4
    last = told[-1]
    assert (last["state"], last["error"], last["seed"]) == ("done", None, 7)
    files = {artifact["role"]: artifact["file"] for artifact in last["artifacts"]}
    assert Image.open(files["scribble"]).getpixel((0, 0)) == (0, 0, 0)
    assert Image.open(files["image"]).size == Image.open(files["scribble"]).size
    client.close()


def test_a_picture_of_a_sketch_becomes_a_mesh(server: Server, drawing: Any) -> None:
    kind, data = call(server, "sketch_to_image", {"image": drawing, **QUICK})[-1]
    assert (kind, data[0]["state"]) == ("complete", "done")
    image = next(artifact for artifact in data[0]["artifacts"] if artifact["role"] == "image")
    assert httpx.get(image["file"]["url"]).content.startswith(b"\x89PNG")
    _, data = call(server, "image_to_mesh", {"image": image["reference"], "resolution": 32})[-1]
    assert data[0]["state"] == "done"


def test_words_may_be_left_out_and_the_same_seed_draws_the_same(server: Server, drawing: Any) -> None:
    wish = {"image": drawing, "steps": 2, "seed": 3}
    found = [call(server, "sketch_to_image", wish)[-1][1][0] for _ in range(2)]
    pictures = [httpx.get(record["artifacts"][-1]["file"]["url"]).content for record in found]
    pixels = [Image.open(io.BytesIO(picture)).tobytes() for picture in pictures]
    assert pixels[0] == pixels[1]


@pytest.mark.parametrize("colour", ["white", "black"])
def test_an_empty_canvas_is_told_in_the_jobs_record(server: Server, drawing: Any, colour: str) -> None:
    blank = upload(server, png(Image.new("RGB", (512, 512), colour)))
    request = {"kind": "sketch_to_image", "image": blank}
    key = answer(server, "submit", {"request": request})["key"]
    record = answer(server, "status", {"key": key})
    while record["state"] in ("queued", "running"):
        record = answer(server, "status", {"key": key})
    assert (record["state"], record["error"]["code"]) == ("failed", "BAD_IMAGE")
    assert "The sketch is empty" in record["error"]["message"]


def test_a_sketch_of_one_pixel_is_refused(server: Server) -> None:
    tiny = upload(server, png(Image.new("RGB", (1, 1))))
    assert refusal(server, "sketch_to_image", {"image": tiny}) == (
        "BAD_IMAGE",
        "The picture is 1 x 1; each side needs at least 8.",
    )


def test_a_sketch_of_400_million_pixels_is_refused(server: Server) -> None:
    huge = upload(server, png(Image.new("1", (20_000, 20_000))))
    code, message = refusal(server, "sketch_to_image", {"image": huge})
    assert code == "TOO_LARGE"
    assert "50,000,000" in message


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"temperature": 1.5}, ["temperature", "1.5", "1"]),
        ({"temperature": "hot"}, ["temperature", "'hot'"]),
        ({"num_images": 9}, ["num_images", "9", "8"]),
        ({"steps": 500}, ["steps", "500", "150"]),
    ],
)
def test_a_bad_field_of_a_sketch_is_named(server: Server, fields: dict[str, Any], words: list[str]) -> None:
    drawing = upload(server, png(house()))
    code, message = refusal(server, "sketch_to_image", {"image": drawing} | fields)
    assert code == "BAD_REQUEST"
    assert all(word in message for word in words), message


def test_a_sketch_without_a_picture_is_refused(server: Server) -> None:
    assert refusal(server, "sketch_to_image", {"prompt": "a house"})[0] == "BAD_REQUEST"
