"""Sketches with tiny random models: what is told and kept, drawn as diffusers' own pipeline draws."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import EulerAncestralDiscreteScheduler, StableDiffusionControlNetPipeline
from PIL import Image, ImageDraw

from models.catalogue import find_card
from models.errors import MaquetteError
from models.store import ModelStore
from pipelines.events import Artifact, Event, Stage, Step
from pipelines.metadata import read_parameters
from pipelines.pictures import keep_input
from pipelines.requests import SketchToImage, parse_request
from pipelines.scribble import scribble_of
from pipelines.sketch_to_image import leash_of, plan_sketch
from pipelines.studio import Studio
from tests.models.checkpoints import make_controlnet, make_sd

Run = Callable[..., list[Event]]
BOX = Image.new("RGB", (512, 512), "white")
ImageDraw.Draw(BOX).rectangle((120, 160, 400, 420), outline="black", width=8)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With Stable Diffusion 1.5 and its ControlNet in miniature, downloaded and as the user's own."""
    data = tmp_path_factory.mktemp("data")
    make_sd(data / "models" / "sd15")
    make_controlnet(data / "models" / "controlnet-scribble")
    make_sd(data / "mine", seed=1)
    (data / "models.toml").write_text('[mine]\npath = "mine"\nnative_size = 64\n')
    return data


@pytest.fixture
def run(store: ModelStore, data_dir: Path, tmp_path: Path) -> Run:
    def run(drawing: Image.Image = BOX, **fields: Any) -> list[Event]:
        sketch = {"kind": "sketch_to_image", "image": keep_input(drawing, data_dir), "seed": 11}
        request = parse_request(sketch | {"steps": 4, "width": 64, "height": 64} | fields)
        return list(Studio(store, data_dir).run(request, tmp_path, lambda: False))

    return run


def of(kind: type, events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


def test_a_sketch_becomes_a_picture_and_its_scribble_is_kept_first(run: Run, tmp_path: Path) -> None:
    events = run(prompt="a red house")
    stages = [stage.name for stage in of(Stage, events)]
    assert stages == ["sketch", "loading", "loading", "drawing", "decoding"]
    assert [artifact.role for artifact in of(Artifact, events)] == ["scribble", "image"]
    assert pixels(tmp_path / "scribble.png") == scribble_of(BOX, 64, 64).tobytes()
    drawing = [step for step in of(Step, events) if step.stage == "drawing"]
    assert [(step.step, step.total) for step in drawing] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(step.preview is not None for step in drawing)


@pytest.mark.parametrize(
    ("model", "control", "scheduler"),
    [
        ("starter", "starter-scribble", None),
        ("sd15", "controlnet-scribble", EulerAncestralDiscreteScheduler),
        ("mine", "controlnet-scribble", EulerAncestralDiscreteScheduler),
    ],
)
@pytest.mark.parametrize("temperature", [0.0, 0.65])
def test_it_is_the_picture_that_diffusers_own_pipeline_draws(
    run: Run, store: ModelStore, tmp_path: Path, model: str, control: str, scheduler: Any, temperature: float
) -> None:
    words = {"prompt": "a red house", "negative_prompt": "blue"}
    run(**words, model=model, guidance_scale=3, temperature=temperature)
    leash, parts = leash_of(temperature), store.image_pipeline(model).components
    if scheduler is not None:
        parts["scheduler"] = scheduler.from_config(parts["scheduler"].config)
    own = StableDiffusionControlNetPipeline(
        **parts, controlnet=store.control_model(control), requires_safety_checker=False
    )
    own.set_progress_bar_config(disable=True)
    bare = own(
        **words,
        image=scribble_of(BOX, 64, 64),
        width=64,
        height=64,
        num_inference_steps=4,
        guidance_scale=3.0,
        generator=torch.Generator("cpu").manual_seed(11),
        controlnet_conditioning_scale=leash.scale,
        control_guidance_end=leash.end,
    ).images[0]
    assert pixels(tmp_path / "image-0.png") == bare.tobytes()


def test_another_drawing_and_another_temperature_give_other_pictures(run: Run, tmp_path: Path) -> None:
    ball = Image.new("RGB", (512, 512), "white")
    ImageDraw.Draw(ball).ellipse((100, 100, 300, 300), outline="black", width=8)
    found = []
    for drawing, temperature in ((BOX, 0.65), (ball, 0.65), (BOX, 0.1)):
        run(drawing, temperature=temperature)
        found.append(pixels(tmp_path / "image-0.png"))
    assert len(set(found)) == 3


def test_words_may_be_left_out_and_several_pictures_asked_for(run: Run, tmp_path: Path) -> None:
    events = run(num_images=2)
    images = [artifact for artifact in of(Artifact, events) if artifact.role == "image"]
    assert [artifact.figures["seed"] for artifact in images] == [11, 12]
    assert len({pixels(tmp_path / artifact.name) for artifact in images}) == 2


def test_the_drawing_and_how_freely_it_was_followed_are_kept_in_the_picture(run: Run, tmp_path: Path) -> None:
    run(prompt="a red house", temperature=0.3)
    found = read_parameters(tmp_path / "image-0.png")
    assert found is not None
    assert found["request"]["temperature"] == 0.3
    assert found["request"]["image"].startswith("inputs/")
    assert found["facts"]["model"] == "starter"


def test_a_lower_temperature_holds_tighter_and_longer() -> None:
    tight, usual, free = (leash_of(temperature) for temperature in (0.0, 0.65, 1.0))
    assert tight.scale > usual.scale > free.scale
    assert [tight.end, free.end] == pytest.approx([1.0, 0.4])
    assert usual.scale == pytest.approx(1.0, abs=0.01)


def test_an_empty_sketch_ends_the_job_before_any_model_is_loaded(run: Run) -> None:
    with pytest.raises(MaquetteError, match="The sketch is empty") as refusal:
        run(Image.new("RGB", (512, 512), "black"))
    assert refusal.value.code == "BAD_IMAGE"


def test_a_model_without_a_control_net_is_refused_by_name(run: Run) -> None:
    with pytest.raises(MaquetteError, match="'sdxl' cannot follow a sketch; these can: starter") as refusal:
        run(model="sdxl")
    assert refusal.value.code == "BAD_REQUEST"


@pytest.mark.parametrize("temperature", [-0.1, 1.5, "warm"])
def test_a_temperature_out_of_range_is_refused(run: Run, temperature: object) -> None:
    with pytest.raises(MaquetteError, match="temperature"):
        run(temperature=temperature)


def test_stable_diffusion_is_drawn_with_the_published_scheduler_steps_and_guidance() -> None:
    asked: dict[str, Any] = {"image": f"inputs/{'0' * 64}.png", "model": "sd15"}
    plan = plan_sketch(find_card, SketchToImage(**asked), 1)
    assert (plan.request.scheduler, plan.steps, plan.guidance_scale) == ("Euler a", 30, 7.5)
    chosen = plan_sketch(find_card, SketchToImage(**asked, scheduler="UniPC", steps=12), 1)
    assert (chosen.request.scheduler, chosen.steps) == ("UniPC", 12)
