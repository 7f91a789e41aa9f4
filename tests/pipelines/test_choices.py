"""What whoever runs Maquette chooses for all pictures: the safety checker, and how previews are made."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageStat
from safetensors.torch import load_file, save_file

from models.choices import Choices, PreviewKind, Safety
from models.download import Downloader
from models.errors import MaquetteError
from models.runtime import Runtime
from models.store import ModelStore
from pipelines.events import Event, Note, Step
from pipelines.requests import parse_request
from pipelines.studio import Studio
from tests.models.checkpoints import make_sd, make_sd_turbo, make_taesd
from tests.starter_parts import with_parts

WORDS: dict[str, Any] = {
    "kind": "text_to_image",
    "prompt": "a red mushroom",
    "model": "sd15",
    "steps": 2,
    "seed": 1,
    "width": 64,
    "height": 64,
}
Draw = Callable[..., list[Event]]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sd(tmp_path_factory.mktemp("sd15"))


@pytest.fixture
def data(checkpoint: Path, tmp_path: Path) -> Path:
    shutil.copytree(checkpoint, tmp_path / "data" / "models" / "sd15")
    return tmp_path / "data"


def draw(data: Path, safety: Safety = "off", previews: PreviewKind = "linear", **fields: Any) -> list[Event]:
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    store = ModelStore(runtime, data, offline=True, choices=Choices(safety, previews))
    request = parse_request(WORDS | fields)
    return list(Studio(store, data).run(request, data / "drawn", lambda: False))


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


def picture(data: Path) -> Image.Image:
    with Image.open(data / "drawn" / "image-0.png") as image:
        return image.convert("RGB")


def find_everything(data: Path, threshold: float = -2.0) -> None:
    """Have the checker find every picture, or with a threshold that no cosine passes none."""
    folder = data / "models" / "sd15" / "safety_checker"
    for file in folder.glob("*.safetensors"):
        weights = load_file(file)
        weights["concept_embeds_weights"] = torch.full_like(weights["concept_embeds_weights"], threshold)
        save_file(weights, file, {"format": "pt"})


def test_without_a_checker_set_pictures_are_as_they_are_and_nothing_is_told(data: Path) -> None:
    find_everything(data)
    assert notes(draw(data)) == []


def test_what_the_checker_does_not_find_is_as_without_it(data: Path) -> None:
    draw(data)
    plain = picture(data)
    find_everything(data, threshold=2.0)
    assert notes(draw(data, "blur")) == []
    assert picture(data).tobytes() == plain.tobytes()


@pytest.mark.parametrize(("safety", "told"), [("blur", "so they were blurred"), ("block", "blanked out")])
def test_what_the_checker_finds_is_blurred_or_blanked_and_told(data: Path, safety: Safety, told: str) -> None:
    draw(data)
    spread = ImageStat.Stat(picture(data)).stddev
    find_everything(data)
    events = draw(data, safety, num_images=2)
    assert len(notes(events)) == 1 and told in notes(events)[0] and "found 2 picture(s)" in notes(events)[0]
    assert max(ImageStat.Stat(picture(data)).stddev) < min(spread) * 0.8
    assert picture(data).size == (64, 64)


def test_previews_show_no_more_than_the_result_may(data: Path) -> None:
    def spread(events: list[Event]) -> float:
        shown = [event.preview for event in events if isinstance(event, Step) and event.preview]
        return max(max(ImageStat.Stat(image).stddev) for image in shown)

    assert spread(draw(data, "blur")) < spread(draw(data)) * 0.8


def test_a_model_that_names_no_checker_is_told_about(data: Path) -> None:
    make_sd_turbo(data / "models" / "sd-turbo")
    assert notes(draw(data, "block", model="sd-turbo"))[0] == (
        "These pictures are not checked: SD-Turbo names no safety checker."
    )


def test_a_checker_without_weights_is_missing_and_nothing_is_drawn(data: Path) -> None:
    for file in (data / "models" / "sd15" / "safety_checker").glob("*.safetensors"):
        file.unlink()
    with pytest.raises(MaquetteError, match="Safety checker of Stable Diffusion 1.5") as caught:
        draw(data, "blur")
    assert caught.value.code == "MODEL_MISSING"
    assert list((data / "drawn").iterdir()) == []


def test_a_tiny_autoencoder_draws_the_previews_where_it_is_chosen(data: Path) -> None:
    def last(events: list[Event]) -> Image.Image:
        shown = [event.preview for event in events if isinstance(event, Step) and event.preview]
        assert len(shown) == 2 and {image.size for image in shown} == {(512, 512)}
        return shown[-1]

    make_taesd(data / "models" / "taesd")
    linear, tiny = last(draw(data)), last(draw(data, previews="tiny"))
    assert linear.tobytes() != tiny.tobytes()
    assert last(draw(data, previews="tiny", num_images=3)).size == (512, 512)


def test_a_tiny_autoencoder_that_is_not_here_is_told_and_the_linear_map_is_used(data: Path) -> None:
    (note,) = notes(draw(data, previews="tiny"))
    assert note.startswith("Previews are rough: TAESD (taesd): its weights are not on this machine.")


@pytest.mark.parametrize("model", ["starter", "starter-fast"])
def test_the_starter_is_shown_by_its_own_tiny_autoencoder_and_fetches_none(
    starter_dir: Path, tmp_path: Path, model: str
) -> None:
    """The store may download: from nowhere, so that a wish to would be told."""

    def previews(kind: PreviewKind) -> list[bytes]:
        store = ModelStore(
            Runtime(torch.device("cpu"), torch.float32, "a test"),
            tmp_path,
            starter_dir=starter_dir,
            downloader=Downloader(endpoint="http://127.0.0.1:9", pause=lambda _: None),
            choices=Choices(previews=kind),
            catalogue=with_parts(),
        )
        request = parse_request(WORDS | {"model": model})
        events = list(Studio(store, tmp_path).run(request, tmp_path / "drawn", lambda: False))
        assert notes(events) == []
        shown = [event.preview for event in events if isinstance(event, Step) and event.preview]
        assert [image.size for image in shown] == [(512, 512)] * 2
        return [image.tobytes() for image in shown]

    assert previews("tiny") != previews("linear")


def test_the_checker_and_the_tiny_autoencoder_are_kept_within_the_budget(data: Path) -> None:
    make_taesd(data / "models" / "taesd")
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    store = ModelStore(runtime, data, offline=True, memory_budget=1)
    store.image_pipeline("sd15")
    assert store.safety_checker("sd15") is not None
    assert store.state("sd15") == "ready"
    store.preview_decoder("taesd")
    assert [store.state(name) for name in ("sd15", "taesd")] == ["ready", "loaded"]
