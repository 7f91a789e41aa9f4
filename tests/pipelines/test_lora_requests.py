"""LoRAs as a request asks for them, and the one of the catalogue with its scheduler."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import LCMScheduler, StableDiffusionPipeline
from PIL import Image

from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from pipelines.events import Note
from pipelines.metadata import read_parameters
from pipelines.requests import parse_request
from pipelines.studio import Studio
from tests.models.checkpoints import make_sd, make_unet
from tests.models.lora_files import make_lora, wider_unet

WORDS: dict[str, Any] = {
    "kind": "text_to_image",
    "prompt": "a red mushroom",
    "model": "sd15",
    "steps": 4,
    "seed": 1,
    "width": 64,
    "height": 64,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sd(tmp_path_factory.mktemp("sd15"))


@pytest.fixture
def studio(folder: Path, tmp_path: Path) -> Studio:
    data = tmp_path / "data"
    shutil.copytree(folder, data / "models" / "sd15")
    make_lora(data / "loras" / "pixel-art.safetensors", make_unet(), seed=1)
    make_lora(data / "loras" / "other.safetensors", wider_unet())
    make_lora(
        data / "models" / "lcm-lora-sd15" / "pytorch_lora_weights.safetensors", make_unet(), "kohya", seed=2
    )
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    return Studio(ModelStore(runtime, data, offline=True), data)


def drawn(studio: Studio, folder: Path, **fields: Any) -> bytes:
    list(studio.run(parse_request(WORDS | fields), folder, lambda: False))
    with Image.open(folder / "image-0.png") as image:
        return image.tobytes()


def test_a_picture_wears_what_it_asks_for_and_the_next_one_nothing(studio: Studio, tmp_path: Path) -> None:
    plain = drawn(studio, tmp_path)
    pixels = drawn(studio, tmp_path, loras={"pixel-art": 1.0})
    both = drawn(studio, tmp_path, loras={"pixel-art": 1.0, "lcm-lora-sd15": 0.5})
    assert (read_parameters(tmp_path / "image-0.png") or {})["request"]["loras"]["lcm-lora-sd15"] == 0.5
    assert len({plain, pixels, both}) == 3
    assert drawn(studio, tmp_path) == plain
    assert drawn(studio, tmp_path, loras={"pixel-art": 1.0}) == pixels
    assert studio.store.lora_names() == ["other", "pixel-art", "lcm-lora-sd15"]


def test_lcm_lora_with_its_scheduler_draws_what_diffusers_draws(
    studio: Studio, folder: Path, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"loras": {"lcm-lora-sd15": 1.0}, "scheduler": "LCM", "guidance_scale": 1.0}
    ours = drawn(studio, tmp_path, **asked)
    own = StableDiffusionPipeline.from_pretrained(
        folder, variant="fp16", dtype=torch.float32, safety_checker=None
    )
    own.set_progress_bar_config(disable=True)
    own.scheduler = LCMScheduler.from_config(studio.store.image_pipeline("sd15").scheduler.config)
    own.load_lora_weights(
        str(studio.data_dir / "models" / "lcm-lora-sd15"), weight_name="pytorch_lora_weights.safetensors"
    )
    expected = own(
        "a red mushroom",
        num_inference_steps=4,
        guidance_scale=1.0,
        width=64,
        height=64,
        generator=[torch.Generator().manual_seed(1)],
    ).images[0]
    assert ours == expected.tobytes()


@pytest.mark.parametrize(
    ("loras", "message"),
    [
        ({"nothing": 1.0}, "loras: 'nothing' is not in the folder `loras`.* there is other, pixel-art"),
        ({"pixel-art": 1.0, "other": 1.0}, "loras: 'other' was made for a model of another architecture"),
    ],
)
def test_a_lora_that_cannot_be_worn_is_refused_and_the_model_stays_as_it_was(
    studio: Studio, tmp_path: Path, loras: dict[str, float], message: str
) -> None:
    plain = drawn(studio, tmp_path)
    with pytest.raises(MaquetteError, match=message) as caught:
        drawn(studio, tmp_path, loras=loras)
    assert caught.value.code == "BAD_REQUEST"
    assert drawn(studio, tmp_path) == plain


@pytest.mark.parametrize(
    ("loras", "message"),
    [
        ({"pixel-art": 5}, "loras.pixel-art: 5 is more than the limit 4"),
        ({"pixel-art": "1"}, "loras.pixel-art: '1' is not a number"),
        ({"": 1.0}, "must not be empty"),
        (["pixel-art"], "is not an object of names and numbers"),
        ({str(i): 1.0 for i in range(9)}, "9 values are more than the limit 8"),
    ],
)
def test_bad_loras_are_refused_with_value_and_limit(loras: object, message: str) -> None:
    with pytest.raises(MaquetteError) as caught:
        parse_request(WORDS | {"loras": loras})
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"guidance_scale": 1.0, "negative_prompt": "rain"}, ["negative prompt has no", "1 has no effect"]),
        ({"guidance_scale": 0.0, "negative_prompt": "rain"}, ["is not guided at 0"]),
        ({"negative_prompt": "rain"}, []),
        ({"guidance_scale": 1.5}, []),
        ({"prompt": "a cat <lora:ink:0.8> < 3"}, ["<lora:ink:0.8>' in a prompt has no effect"]),
        ({"capture_steps": [1, 2, 99]}, ["Nothing is kept of step 2, 99: the last one is 1."]),
    ],
)
def test_words_and_guidance_without_effect_are_told(
    studio: Studio, tmp_path: Path, fields: dict[str, Any], told: list[str]
) -> None:
    events = list(studio.run(parse_request(WORDS | {"steps": 1} | fields), tmp_path, lambda: False))
    notes = [event.text for event in events if isinstance(event, Note)]
    assert len(notes) == len(told)
    assert all(part in note for part, note in zip(told, notes, strict=True))
