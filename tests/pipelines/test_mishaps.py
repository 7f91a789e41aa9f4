"""Memory that runs out and numbers that overflow, brought about by hooks on the tiny models."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from pipelines.events import Artifact, Event, Note
from pipelines.pictures import keep_input
from pipelines.requests import parse_request
from pipelines.studio import Studio

WORDS = {"kind": "text_to_image", "prompt": "a duck", "steps": 2, "seed": 3, "width": 64, "height": 64}


def studio_of(starter_dir: Path, data_dir: Path, dtype: torch.dtype) -> Studio:
    runtime = Runtime(torch.device("cpu"), dtype, "a test")
    return Studio(ModelStore(runtime, data_dir, offline=True, starter_dir=starter_dir), data_dir)


def told(studio: Studio, folder: Path, **more: object) -> list[Event]:
    return list(studio.run(parse_request(WORDS | more), folder, lambda: False))


def lack_memory_beyond(unet: Any, batch: int) -> None:
    """Make the UNet run out of memory for more than so many latents at once."""

    def refuse(_: Any, arguments: tuple[Any, ...]) -> None:
        if len(arguments[0]) > batch:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    unet.register_forward_pre_hook(refuse)


def test_pictures_that_do_not_fit_together_are_drawn_one_by_one(starter_dir: Path, tmp_path: Path) -> None:
    studio = studio_of(starter_dir, tmp_path, torch.float32)
    studio.store.warm_up("starter-mesh")
    pipeline: Any = studio.store.image_pipeline("starter")
    lack_memory_beyond(pipeline.unet, batch=2)
    events = told(studio, tmp_path, num_images=3, capture_steps=[1])
    notes = [event.text for event in events if isinstance(event, Note)]
    assert len(notes) == 1 and "one picture at a time" in notes[0]
    names = [event.name for event in events if isinstance(event, Artifact)]
    assert sorted(names) == [f"image-{i}.png" for i in range(3)] + [f"step-01-{i}.png" for i in range(3)]
    assert studio.store.state("starter-mesh") == "ready"


def test_a_picture_that_fits_in_no_way_is_refused_with_advice(starter_dir: Path, tmp_path: Path) -> None:
    studio = studio_of(starter_dir, tmp_path, torch.float32)
    pipeline: Any = studio.store.image_pipeline("starter")
    lack_memory_beyond(pipeline.unet, batch=0)
    with pytest.raises(MaquetteError, match="64 x 64 do not fit.*smaller size") as caught:
        told(studio, tmp_path)
    assert caught.value.code == "OUT_OF_MEMORY"


def test_a_picture_that_would_come_out_black_is_decoded_in_float32(starter_dir: Path, tmp_path: Path) -> None:
    studio = studio_of(starter_dir, tmp_path, torch.bfloat16)
    pipeline: Any = studio.store.image_pipeline("starter")

    def overflow(_: Any, __: Any, pixels: torch.Tensor) -> torch.Tensor:
        return pixels * float("inf") if pixels.dtype is torch.bfloat16 else pixels

    pipeline.vae.decoder.register_forward_hook(overflow)
    events = told(studio, tmp_path)
    assert [event.text for event in events if isinstance(event, Note)][0].startswith("Picture 0 overflowed")
    assert pipeline.vae.dtype is torch.bfloat16
    low, high = Image.open(tmp_path / "image-0.png").convert("L").getextrema()
    assert isinstance(low, int) and isinstance(high, int) and high - low > 5


def test_a_scene_that_is_not_finite_is_told_as_the_pictures_fault(starter_dir: Path, tmp_path: Path) -> None:
    studio = studio_of(starter_dir, tmp_path, torch.float32)
    model: Any = studio.store.mesh_model("starter-mesh")
    model.post_processor.register_forward_hook(lambda _, __, planes: planes * float("nan"))
    ball = Image.new("RGB", (96, 96), "white")
    ball.paste("red", (30, 30, 70, 70))
    request = parse_request({"kind": "image_to_mesh", "image": keep_input(ball, tmp_path), "resolution": 16})
    with pytest.raises(MaquetteError, match="could make nothing of the picture") as caught:
        list(studio.run(request, tmp_path / "artifacts" / "k", lambda: False))
    assert caught.value.code == "BAD_IMAGE"
