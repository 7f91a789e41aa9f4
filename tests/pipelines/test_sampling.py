"""Every scheduler gives what diffusers' own class gives with the same settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from PIL import Image

from models.errors import MaquetteError
from models.schedulers import SCHEDULERS, SchedulerName
from models.store import ModelStore
from pipelines.events import Artifact, Event, Step
from pipelines.metadata import read_parameters
from pipelines.pictures import keep_input
from pipelines.requests import parse_request
from pipelines.studio import Studio

WORDS = {
    "kind": "text_to_image",
    "prompt": "a red mushroom",
    "steps": 4,
    "seed": 11,
    "guidance_scale": 3.0,
    "width": 64,
    "height": 64,
}
Run = Callable[..., list[Event]]


@pytest.fixture
def run(store: ModelStore, data_dir: Path, tmp_path: Path) -> Run:
    studio = Studio(store, data_dir)
    return lambda data: list(studio.run(parse_request(WORDS | data), tmp_path, lambda: False))


def diffusers_own(name: SchedulerName, config: Any) -> Any:
    """The class and the settings by which diffusers' documentation gives a name."""
    kinds: dict[SchedulerName, Callable[[], Any]] = {
        "Euler": lambda: diffusers.EulerDiscreteScheduler.from_config(config),
        "Euler a": lambda: diffusers.EulerAncestralDiscreteScheduler.from_config(config),
        "DPM++ 2M": lambda: diffusers.DPMSolverMultistepScheduler.from_config(config),
        "DPM++ 2M Karras": lambda: diffusers.DPMSolverMultistepScheduler.from_config(
            config, use_karras_sigmas=True
        ),
        "DPM++ SDE": lambda: diffusers.DPMSolverSDEScheduler.from_config(config, noise_sampler_seed=[11]),
        "UniPC": lambda: diffusers.UniPCMultistepScheduler.from_config(config),
        "DDIM": lambda: diffusers.DDIMScheduler.from_config(config),
        "LCM": lambda: diffusers.LCMScheduler.from_config(config),
        "Heun": lambda: diffusers.HeunDiscreteScheduler.from_config(config),
        "LMS": lambda: diffusers.LMSDiscreteScheduler.from_config(config),
    }
    return kinds[name]()


@pytest.fixture
def usual_schedule(store: ModelStore) -> Any:
    """The miniature with the noise schedule of Stable Diffusion 1.5 instead of the starter's."""
    pipeline: Any = store.image_pipeline("starter")
    own = pipeline.scheduler
    pipeline.scheduler = diffusers.PNDMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        steps_offset=1,
        skip_prk_steps=True,
        prediction_type="v_prediction",
    )
    yield pipeline
    pipeline.scheduler = own


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_picture_is_bit_for_bit_what_diffusers_own_scheduler_draws(
    run: Run, usual_schedule: Any, tmp_path: Path, name: SchedulerName
) -> None:
    events = run({"scheduler": name})
    steps = [event for event in events if isinstance(event, Step) and event.stage == "drawing"]
    assert [(step.step, step.total) for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    bare = type(usual_schedule)(**usual_schedule.components, requires_safety_checker=False)
    bare.scheduler = diffusers_own(name, usual_schedule.scheduler.config)
    bare.set_progress_bar_config(disable=True)
    expected = bare(
        "a red mushroom",
        num_inference_steps=4,
        guidance_scale=3.0,
        width=64,
        height=64,
        generator=[torch.Generator("cpu").manual_seed(11)],
    ).images[0]
    assert Image.open(tmp_path / "image-0.png").tobytes() == expected.tobytes()
    record = read_parameters(tmp_path / "image-0.png")
    assert record is not None and record["facts"]["sampler"] == name


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_last_kept_step_is_the_picture_and_the_models_own_scheduler_comes_back(
    run: Run, store: ModelStore, tmp_path: Path, name: SchedulerName
) -> None:
    own = store.image_pipeline("starter").scheduler
    events = run({"scheduler": name, "capture_steps": [2, 4], "num_images": 2})
    captured = [e.name for e in events if isinstance(e, Artifact) and e.role == "step"]
    assert captured == ["step-02-0.png", "step-02-1.png", "step-04-0.png", "step-04-1.png"]
    for index in range(2):
        last = Image.open(tmp_path / f"step-04-{index}.png")
        assert last.tobytes() == Image.open(tmp_path / f"image-{index}.png").tobytes()
    assert store.image_pipeline("starter").scheduler is own


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_picture_is_drawn_anew_with_every_scheduler(
    store: ModelStore, data_dir: Path, tmp_path: Path, name: SchedulerName
) -> None:
    reference = keep_input(Image.radial_gradient("L").resize((64, 64)).convert("RGB"), data_dir)
    words = {key: value for key, value in WORDS.items() if key not in ("width", "height")}
    asked = {"kind": "inpaint", "image": reference, "grow_left": 64, "scheduler": name, "capture_steps": [2]}
    told = list(Studio(store, data_dir).run(parse_request(words | asked), tmp_path, lambda: False))
    assert [e.name for e in told if isinstance(e, Artifact)] == ["step-02-0.png", "image-0.png"]


@pytest.mark.parametrize("name", ["Euler a", "DPM++ SDE", "LCM"])
def test_noise_on_the_way_is_of_the_pictures_own_seed(run: Run, tmp_path: Path, name: str) -> None:
    run({"scheduler": name, "num_images": 2})
    batch = [Image.open(tmp_path / f"image-{i}.png").copy() for i in range(2)]
    for index, picture in enumerate(batch):
        run({"scheduler": name, "seed": 11 + index})
        alone = Image.open(tmp_path / "image-0.png")
        pairs = zip(alone.tobytes(), picture.tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) <= 1


def test_an_unknown_scheduler_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MaquetteError, match="scheduler: 'Euler b' is not one of 'Euler', ") as caught:
        parse_request(WORDS | {"scheduler": "Euler b"})
    assert caught.value.code == "BAD_REQUEST"


def test_more_steps_than_the_scheduler_takes_are_refused(run: Run, store: ModelStore) -> None:
    own = store.image_pipeline("starter").scheduler
    with pytest.raises(MaquetteError, match="steps: 60 is more than 50"):
        run({"scheduler": "LCM", "steps": 60})
    assert store.image_pipeline("starter").scheduler is own
