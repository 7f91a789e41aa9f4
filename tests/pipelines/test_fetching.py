"""Jobs whose models are not here yet: the download is told, goes with the job, and is taken up again."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from models.choices import Choices
from models.download import Downloader
from models.errors import Cancelled, MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from pipelines.events import Artifact, Event, Note, Stage, Step
from pipelines.fetching import STAGE
from pipelines.requests import parse_request
from pipelines.studio import Studio
from tests.hub import Hub, serving
from tests.models.checkpoints import publish

UNET = "unet/diffusion_pytorch_model.fp16.safetensors"
WORDS = {"kind": "text_to_image", "prompt": "a red ball", "model": "sd-turbo", "width": 64, "height": 64}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with serving() as hub:
        publish(hub, "sd-turbo", tmp_path_factory.mktemp("published") / "sd-turbo")
        yield hub


@pytest.fixture
def studio(hub: Hub, starter_dir: Path, tmp_path: Path) -> Studio:
    """One that may download, and shows pictures in the making by a model that the Hub lacks."""
    hub.forget()
    store = ModelStore(
        Runtime(torch.device("cpu"), torch.float32, "a test"),
        tmp_path / "data",
        starter_dir=starter_dir,
        downloader=Downloader(endpoint=hub.url, pause=lambda _: None),
        choices=Choices(previews="tiny"),
    )
    return Studio(store, tmp_path / "data")


def run(studio: Studio, cancelled: Any = lambda: False, **fields: Any) -> Iterator[Event]:
    return studio.run(parse_request(WORDS | fields), studio.data_dir / "artifacts" / "job", cancelled)


def test_a_job_tells_the_download_that_it_begins_with_and_then_draws(studio: Studio, hub: Hub) -> None:
    go_on = threading.Event()
    hub.holds[UNET] = (1000, go_on)
    told = []
    for event in run(studio):
        told.append(event)
        if isinstance(event, Step) and event.stage == STAGE:
            assert 0 <= event.step <= event.total
            go_on.set()
    stages = [event.name for event in told if isinstance(event, Stage)]
    assert stages[:2] == [STAGE, "loading"] and any(isinstance(event, Step) for event in told)
    notes = [event.text for event in told if isinstance(event, Note)]
    assert "a download of 2.6 GB comes first" in notes[0]
    assert any(text.startswith("Previews are rough") for text in notes)
    assert any(isinstance(event, Artifact) and event.role == "image" for event in told)


def test_a_cancelled_job_takes_its_download_along_and_the_next_one_goes_on_with_it(
    studio: Studio, hub: Hub
) -> None:
    go_on, stop = threading.Event(), threading.Event()
    hub.holds[UNET] = (1000, go_on)
    with pytest.raises(Cancelled):
        for event in run(studio, stop.is_set):
            if isinstance(event, Step) and event.stage == STAGE:
                running = studio.store.downloads.running("sd-turbo")
                stop.set()
    assert running is not None and running.stop.is_set()
    go_on.set()
    assert any(isinstance(event, Artifact) for event in run(studio))
    assert studio.store.state("sd-turbo") == "loaded"


def test_a_model_that_cannot_be_had_is_an_error_that_says_why(studio: Studio) -> None:
    with pytest.raises(MaquetteError, match="no repository stabilityai/sdxl-turbo") as caught:
        list(run(studio, model="sdxl-turbo"))
    assert caught.value.code == "MODEL_MISSING"
