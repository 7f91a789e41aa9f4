"""Pictures made of pictures, through gradio_client and plain HTTP."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from tests.api.calls import answer, call, mushroom, refusal, upload
from tests.server import Server

SIDE = 128


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[Client]:
    client = Client(server.url, verbose=False, download_files=str(tmp_path / "downloads"))
    yield client
    client.close()


def png(image: Image.Image) -> bytes:
    """A picture as a file's content."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def base64_of(image: Image.Image) -> str:
    """A picture as base64."""
    return base64.b64encode(png(image)).decode("ascii")


def address(image: Image.Image) -> str:
    """A picture as a data address."""
    return "data:image/png;base64," + base64_of(image)


def photo() -> Image.Image:
    """Noise of 128 x 128."""
    levels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def mask(*box: int) -> Image.Image:
    """Black with a white box."""
    black = Image.new("L", (SIDE, SIDE))
    black.paste(255, (box[0], box[1], box[2], box[3]))
    return black


def fetched(record: dict[str, Any]) -> Image.Image:
    """The first picture of a record that came over HTTP."""
    return Image.open(io.BytesIO(httpx.get(record["artifacts"][0]["file"]["url"]).content))


def test_a_picture_is_drawn_anew_with_a_preview_at_every_step(client: Client, tmp_path: Path) -> None:
    picture = handle_file(mushroom(tmp_path / "mine.png"))
    asked = {"image": picture, "prompt": "a blue mushroom", "strength": 0.5, "steps": 12, "seed": 3}
    told = list(client.submit(**asked, num_images=2, api_name="/image_to_image"))
    assert max(record["total"] for record in told if record["stage"] == "drawing") == 6
    assert any(record["preview"] for record in told)
    last = told[-1]
    assert (last["state"], last["error"], last["seed"]) == ("done", None, 3)
    assert [artifact["figures"]["seed"] for artifact in last["artifacts"]] == [3, 4]


def test_a_part_is_painted_over_by_data_addresses_and_the_rest_stays(server: Server) -> None:
    asked = {"image": address(photo()), "mask": address(mask(32, 32, 96, 96)), "prompt": "a cat", "steps": 4}
    told = call(server, "inpaint", asked)
    record = told[-1][1][0]
    assert (record["state"], record["error"]) == ("done", None)
    changed = (np.asarray(fetched(record)) != np.asarray(photo())).any(axis=2)
    assert changed[40:88, 40:88].mean() > 0.9
    changed[32:96, 32:96] = False
    assert not changed.any()


def test_base64_without_an_address_is_read_and_enlarged(server: Server) -> None:
    lines = base64.encodebytes(png(photo())).decode("ascii")  # in lines, as many tools write it
    record = answer(server, "submit", {"request": {"kind": "upscale", "image": lines}})
    assert record["request"]["image"].startswith("inputs/")
    final = call(server, "upscale", {"image": base64_of(photo()), "scale": 4})[-1][1][0]
    assert fetched(final).size == (4 * SIDE, 4 * SIDE)


def test_a_picture_is_grown(client: Client, tmp_path: Path) -> None:
    photo().save(tmp_path / "mine.png")
    picture = handle_file(str(tmp_path / "mine.png"))
    record = client.predict(image=picture, grow_right=64, steps=3, api_name="/inpaint")
    grown = np.asarray(Image.open(record["artifacts"][0]["file"]))
    assert grown.shape == (SIDE, SIDE + 64, 3)
    assert (grown[:, :SIDE] == np.asarray(photo())).all()


def test_a_photo_on_its_side_is_turned_upright(server: Server) -> None:
    turned, exif = Image.new("RGB", (120, 80), "white"), Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", exif=exif)
    record = call(server, "upscale", {"image": upload(server, buffer.getvalue(), "photo.jpg")})[-1][1][0]
    assert fetched(record).size == (160, 240)


def bomb() -> bytes:
    """Few bytes, 400 million pixels."""
    return png(Image.new("1", (20_000, 20_000)))


def film() -> bytes:
    """A GIF of two frames."""
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("white", "black")]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (png(Image.new("RGB", (1, 1))), "BAD_IMAGE", "1 x 1; each side needs at least 8"),
        (bomb(), "TOO_LARGE", "more pixels than the limit 50,000,000"),
        (png(photo())[:3000], "BAD_IMAGE", "damaged or cut short"),
        (b"some words, " * 9, "BAD_IMAGE", "not a picture in a known format (PNG, JPEG,"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "BAD_IMAGE", "SVG"),
    ],
)
@pytest.mark.parametrize("way", ["file", "address", "base64"])
def test_a_picture_that_is_none_is_refused_however_it_comes(
    server: Server, content: bytes, code: str, words: str, way: str
) -> None:
    letters = base64.b64encode(content).decode("ascii")
    if way == "base64" and len(letters) < 64:
        pytest.skip("so few letters are a name, not a picture")
    if way == "file":
        image: Any = upload(server, content)
    else:
        image = letters if way == "base64" else f"data:;base64,{letters}"
    told, message = refusal(server, "image_to_image", {"image": image, "prompt": "a cat"})
    assert told == code and words in message


def test_of_a_moving_picture_the_first_frame_is_taken(server: Server) -> None:
    record = call(server, "upscale", {"image": upload(server, film(), "film.gif")})[-1][1][0]
    assert fetched(record).getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("image_to_image", {"strength": 0}, "strength: 0 is less than the limit 0.01"),
        ("image_to_image", {"strength": 1.2}, "strength: 1.2 is more than the limit 1"),
        ("inpaint", {"grow_top": -5}, "grow_top: -5 is less than the limit 0"),
        ("upscale", {"scale": 8}, "scale: 8 is not one of 2 or 4"),
        ("upscale", {"image": "data:image/png,plain"}, "no base64 data address"),
        ("upscale", {"image": "data:image/png;base64,@@@@"}, "base64 is damaged"),
        ("inpaint", {"mask": "data:image/png;base64,@@@@"}, "mask: its base64 is damaged"),
    ],
)
def test_a_value_beyond_its_limits_is_refused(
    server: Server, name: str, fields: dict[str, Any], words: str
) -> None:
    code, message = refusal(server, name, {"image": address(photo()), **fields})
    assert code == "BAD_REQUEST" and words in message


@pytest.mark.parametrize(
    ("paint", "words"),
    [
        (mask(0, 0, 0, 0), "0 white pixels"),
        (Image.new("L", (64, 32), 255), "it is 64 x 32, the picture 128 x 128"),
    ],
)
def test_a_mask_that_does_not_do_is_told_by_the_job(server: Server, paint: Image.Image, words: str) -> None:
    asked = {"image": address(photo()), "mask": address(paint), "prompt": "a cat"}
    record = call(server, "inpaint", asked)[-1][1][0]
    assert (record["state"], record["error"]["code"]) == ("failed", "BAD_IMAGE")
    assert words in record["error"]["message"]
