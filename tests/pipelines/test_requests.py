import math
from typing import Any

import pytest

from models.errors import MaquetteError
from pipelines.requests import CAPTURE_STEPS, MAX_SEED, TextToImage, parse_request

WORDS: dict[str, Any] = {"kind": "text_to_image", "prompt": "a red mushroom"}
PICTURE = "inputs/" + "0" * 64 + ".png"
MESH: dict[str, Any] = {"kind": "image_to_mesh", "image": PICTURE}


def refusal(data: object) -> str:
    with pytest.raises(MaquetteError) as caught:
        parse_request(data)
    assert caught.value.code == "BAD_REQUEST"
    assert len(caught.value.message) < 400
    return caught.value.message


def test_a_prompt_alone_is_enough() -> None:
    request = parse_request(WORDS)
    assert isinstance(request, TextToImage)
    assert (request.prompt, request.model) == ("a red mushroom", "starter")
    assert (request.steps, request.num_images) == (None, 1)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("prompt", "", "prompt: must not be empty"),
        ("prompt", " \n\t ", "prompt: must not be empty"),
        ("prompt", "x" * 5000, "prompt: 5000 characters are more than the limit 2000"),
        ("prompt", None, "prompt: None is not text"),
        ("prompt", 7, "prompt: 7 is not text"),
        ("prompt", ["a"], "prompt: ['a'] is not text"),
        ("prompt", "\ud800", "prompt: is not valid Unicode text"),
        ("negative_prompt", "x" * 2001, "negative_prompt: 2001 characters are more than the limit 2000"),
        ("width", 100, "width: 100 is not a multiple of 8"),
        ("width", 8, "width: 8 is less than the limit 64"),
        ("height", 4096, "height: 4096 is more than the limit 2048"),
        ("height", "512", "height: '512' is not a whole number"),
        ("steps", 0, "steps: 0 is less than the limit 1"),
        ("steps", 500, "steps: 500 is more than the limit 150"),
        ("steps", 2.5, "steps: 2.5 is not a whole number"),
        ("steps", math.nan, "steps: nan is not a whole number"),
        ("steps", 1e30, "steps: 1e+30 is more than the limit 150"),
        ("steps", True, "steps: True is not a whole number"),
        ("steps", [20], "steps: [20] is not a whole number"),
        ("steps", "many", "steps: 'many' is not a whole number"),
        ("guidance_scale", math.nan, "guidance_scale: nan is not a finite number"),
        ("guidance_scale", math.inf, "guidance_scale: inf is not a finite number"),
        ("guidance_scale", 1e30, "guidance_scale: 1e+30 is more than the limit 30.0"),
        ("guidance_scale", "7", "guidance_scale: '7' is not a number"),
        ("guidance_scale", False, "guidance_scale: False is not a number"),
        ("seed", -1, "seed: -1 is less than the limit 0"),
        ("seed", 1e30, f"seed: 1e+30 is more than the limit {MAX_SEED}"),
        ("num_images", None, "num_images: None is not a whole number"),
        ("num_images", 9, "num_images: 9 is more than the limit 8"),
        ("capture_steps", 5, "capture_steps: 5 is not a list"),
        ("capture_steps", [0], "capture_steps.0: 0 is less than the limit 1"),
        ("capture_steps", ["5"], "capture_steps.0: '5' is not a whole number"),
        ("capture_steps", list(range(1, 22)), "capture_steps: 21 values are more than the limit 20"),
        ("model", None, "model: None is not text"),
        ("colour", "red", "colour: no such field"),
    ],
)
def test_bad_values_are_refused_with_field_value_and_limit(field: str, value: object, message: str) -> None:
    assert refusal(WORDS | {field: value}) == message


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("image", "/etc/passwd", "image: '/etc/passwd' is not a picture's reference"),
        ("image", "inputs/../../etc/passwd.png", "is not a picture's reference"),
        ("image", "artifacts/../x.png", "is not a picture's reference"),
        ("image", PICTURE + "\n", "is not a picture's reference"),
        ("image", {"path": "/etc/passwd"}, "is not text"),
        ("image", None, "image: None is not text"),
        ("background", "blue", "background: 'blue' is not one of 'auto', 'keep', 'fill', 'rembg'"),
        ("objects", "all", "objects: 'all' is not one of 'one' or 'each'"),
        ("mask", "/etc/passwd", "mask: '/etc/passwd' is not a picture's reference"),
        ("remove_floaters", 2, "remove_floaters: 2 is more than the limit 1"),
        ("smoothing", 1.5, "smoothing: 1.5 is more than the limit 1"),
        ("target_faces", 99, "target_faces: 99 is less than the limit 100"),
        ("target_faces", 10_000_000, "target_faces: 10000000 is more than the limit 1000000"),
        ("texture", "marble", "texture: 'marble' is not one of 'vertex', 'texture' or 'photo'"),
        ("texture_size", 1000, "texture_size: 1000 is not one of 512, 1024, 2048 or 4096"),
        ("formats", ["fbx"], "formats.0: 'fbx' is not one of 'glb', 'obj', 'stl', 'ply' or '3mf'"),
        ("formats", "glb", "formats: 'glb' is not a list"),
        ("file_name", "../x", "file_name: '../x' is not 1 to 64 of A-Z a-z 0-9 _ -"),
        ("file_name", "cutout", "file_name: 'cutout' is not 1 to 64 of A-Z a-z 0-9 _ -, or is the name of"),
        ("print_height_mm", 0, "print_height_mm: 0 is less than the limit 5"),
        ("foreground_ratio", 0.2, "foreground_ratio: 0.2 is less than the limit 0.5"),
        ("foreground_ratio", None, "foreground_ratio: None is not a number"),
        ("resolution", 1024, "resolution: 1024 is more than the limit 512"),
        ("threshold", 0, "threshold: 0 must be more than 0"),
        ("threshold", math.inf, "threshold: inf is not a finite number"),
    ],
)
def test_bad_mesh_requests_are_refused(field: str, value: object, message: str) -> None:
    assert message in refusal(MESH | {field: value})


@pytest.mark.parametrize(
    "data", [None, [], "text", 5, {}, {"prompt": "a"}, {"kind": "dance"}, {"kind": None}]
)
def test_what_is_no_request_at_all_is_refused(data: object) -> None:
    assert refusal(data)


def test_a_number_too_long_to_print_is_told_by_its_length() -> None:
    assert refusal(WORDS | {"steps": 10**5000}) == (
        "steps: a whole number of 16610 bits is more than the limit 150"
    )


def test_long_values_are_shortened_in_messages() -> None:
    assert len(refusal(WORDS | {"steps": "9" * 5000})) < 150


def test_a_pages_whole_floats_are_whole_numbers() -> None:
    request = parse_request(WORDS | {"steps": 20.0, "width": 512.0})
    assert isinstance(request, TextToImage)
    assert (request.steps, request.width) == (20, 512)


def test_capture_steps_are_sorted_and_yes_means_the_usual_ones() -> None:
    def captured(value: object) -> object:
        request = parse_request(WORDS | {"capture_steps": value})
        return request.capture_steps if isinstance(request, TextToImage) else None

    assert captured([10, 5, 10]) == [5, 10]
    assert captured(True) == list(CAPTURE_STEPS)
    assert (captured(False), captured(None)) == ([], None)


def test_the_glb_that_the_viewer_shows_is_always_among_the_files() -> None:
    request = parse_request(MESH | {"formats": ["stl", "glb", "stl"]})
    assert request.model_dump()["formats"] == ["glb", "stl"]


def test_control_characters_leave_a_prompt() -> None:
    assert parse_request(WORDS | {"prompt": "a\x00b\x07"}).model_dump()["prompt"] == "a b"


def test_a_seed_is_drawn_only_where_none_was_given() -> None:
    drawn = [parse_request(WORDS).with_seed().model_dump()["seed"] for _ in range(3)]
    assert len(set(drawn)) > 1 and all(0 <= seed <= MAX_SEED for seed in drawn)
    assert parse_request(WORDS | {"seed": 0}).with_seed().model_dump()["seed"] == 0
    assert parse_request(MESH).with_seed() == parse_request(MESH)


def test_a_request_survives_its_own_json() -> None:
    remesh = {"kind": "remesh", "source": "earlier", "formats": ["stl"], "texture_size": 2048.0}
    for data in (WORDS, MESH, remesh, WORDS | {"kind": "text_to_mesh", "threshold": 10}):
        request = parse_request(data)
        assert parse_request(request.model_dump(mode="json")) == request
