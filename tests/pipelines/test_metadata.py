import json
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from pipelines.metadata import read_parameters, save_png
from pipelines.requests import TextToImage

FACTS = {
    "model": "starter",
    "seed": 7,
    "steps": 20,
    "guidance_scale": 4.0,
    "width": 64,
    "height": 48,
    "sampler": "DDIM",
}


def saved(path: Path, request: TextToImage) -> Path:
    save_png(Image.new("RGB", (64, 48), "red"), path, request, FACTS)
    return path


def test_a_picture_tells_its_request_and_facts(tmp_path: Path) -> None:
    request = TextToImage(prompt="ein rötlicher Pilz 蘑菇 🍄", negative_prompt="blue")
    record = read_parameters(saved(tmp_path / "a.png", request))
    assert record == {"request": request.model_dump(mode="json"), "facts": FACTS}


def test_other_programs_read_the_parameters_text(tmp_path: Path) -> None:
    request = TextToImage(prompt="a red mushroom", negative_prompt="blue")
    with Image.open(saved(tmp_path / "a.png", request)) as image:
        text = image.info["parameters"]
    assert text == (
        "a red mushroom\nNegative prompt: blue\n"
        "Steps: 20, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 64x48, Model: starter, Version: Maquette"
    )


def test_nothing_but_the_picture_is_left_in_the_folder(tmp_path: Path) -> None:
    saved(tmp_path / "a.png", TextToImage(prompt="a"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def with_texts(path: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def test_pictures_of_other_programs_are_read(tmp_path: Path) -> None:
    text = (
        "a castle,\non a hill\nNegative prompt: rain\n"
        'Steps: 25, Sampler: Euler a, CFG scale: 7.5, Seed: 123, Size: 512x768, Model: x "y", Version: v1'
    )
    record = read_parameters(with_texts(tmp_path / "a.png", parameters=text))
    assert record is not None
    assert record["request"] == {
        "prompt": "a castle,\non a hill",
        "negative_prompt": "rain",
        "steps": 25,
        "seed": 123,
        "guidance_scale": 7.5,
        "scheduler": "Euler a",
        "width": 512,
        "height": 768,
    }


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"maquette": "{broken"},
        {"maquette": "[1]"},
        {"maquette": json.dumps({"request": 5})},
        {"parameters": "hello"},
    ],
)
def test_pictures_without_readable_parameters_say_nothing(tmp_path: Path, texts: dict[str, str]) -> None:
    assert read_parameters(with_texts(tmp_path / "a.png", **texts)) is None


def test_what_is_no_png_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    assert read_parameters(tmp_path / "a.png") is None
