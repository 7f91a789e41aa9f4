"""The whole walk with tiny random models: what it tells, what it writes, how it stops."""

import hashlib
import json
import struct
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw

from models.errors import Cancelled, MaquetteError
from models.store import ModelStore
from pipelines.events import Artifact, Done, Event, Note, Stage, Started, Step
from pipelines.metadata import read_parameters
from pipelines.pictures import keep_input
from pipelines.requests import parse_request
from pipelines.studio import Studio

Run = Callable[..., list[Event]]
WORDS = {
    "kind": "text_to_image",
    "prompt": "a red mushroom",
    "steps": 4,
    "seed": 11,
    "width": 64,
    "height": 64,
}
RED_BALL = Image.new("RGB", (96, 96), "white")
ImageDraw.Draw(RED_BALL).ellipse((20, 20, 70, 70), fill="red")


@pytest.fixture(scope="module")
def studio(store: ModelStore, data_dir: Path) -> Studio:
    return Studio(store, data_dir)


@pytest.fixture
def run(studio: Studio, tmp_path: Path) -> Run:
    def run(data: dict[str, Any], cancelled: Callable[[], bool] = lambda: False) -> list[Event]:
        return list(studio.run(parse_request(data), tmp_path, cancelled))

    return run


def of(kind: type, events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def extras_of(path: Path) -> dict[str, Any]:
    """asset.extras of a binary glTF."""
    content = path.read_bytes()
    (length,) = struct.unpack("<I", content[12:16])
    extras: dict[str, Any] = json.loads(content[20 : 20 + length])["asset"]["extras"]
    return extras


def test_words_become_a_picture_with_a_preview_at_every_step(run: Run, tmp_path: Path) -> None:
    events = run(WORDS)
    assert events[0] == Started("starter", "cpu", "a test", 11)
    assert [stage.name for stage in of(Stage, events)] == ["loading", "drawing", "decoding"]
    drawing = [step for step in of(Step, events) if step.stage == "drawing"]
    assert [(step.step, step.total) for step in drawing] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {(step.preview.mode, step.preview.size) for step in drawing} == {("RGB", (512, 512))}
    assert len({step.preview.tobytes() for step in drawing}) == 4
    (artifact,) = of(Artifact, events)
    assert (artifact.role, artifact.name, artifact.media_type) == ("image", "image-0.png", "image/png")
    assert artifact.figures == {"width": 64, "height": 64, "seed": 11}
    (done,) = of(Done, events)
    assert set(done.seconds) == {"loading", "drawing", "decoding"}
    with Image.open(tmp_path / "image-0.png") as image:
        assert image.size == (64, 64)


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(run: Run, tmp_path: Path) -> None:
    pictures = []
    for seed in (11, 11, 12):
        run(WORDS | {"seed": seed})
        pictures.append(Image.open(tmp_path / "image-0.png").tobytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_the_picture_is_bit_for_bit_what_diffusers_makes(run: Run, studio: Studio, tmp_path: Path) -> None:
    run(WORDS | {"guidance_scale": 3.0})
    pipeline: Any = studio.store.image_pipeline("starter")
    bare = pipeline(
        "a red mushroom",
        num_inference_steps=4,
        guidance_scale=3.0,
        width=64,
        height=64,
        generator=torch.Generator("cpu").manual_seed(11),
    ).images[0]
    assert Image.open(tmp_path / "image-0.png").tobytes() == bare.tobytes()


def test_picture_i_of_several_is_the_picture_of_seed_plus_i(run: Run, tmp_path: Path) -> None:
    events = run(WORDS | {"num_images": 3})
    batch = [Image.open(tmp_path / f"image-{i}.png").copy() for i in range(3)]
    assert [artifact.figures["seed"] for artifact in of(Artifact, events)] == [11, 12, 13]
    for i, picture in enumerate(batch):
        run(WORDS | {"seed": 11 + i})
        alone = Image.open(tmp_path / "image-0.png")
        pairs = zip(alone.tobytes(), picture.tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) <= 1


def test_the_last_seed_wraps_around(run: Run) -> None:
    events = run(WORDS | {"seed": 2**32 - 1, "num_images": 2})
    assert [artifact.figures["seed"] for artifact in of(Artifact, events)] == [2**32 - 1, 0]


def test_chosen_steps_are_decoded_and_steps_beyond_the_end_are_left_out(run: Run, tmp_path: Path) -> None:
    events = run(WORDS | {"capture_steps": [2, 4, 9]})
    captured = [artifact for artifact in of(Artifact, events) if artifact.role == "step"]
    assert [artifact.name for artifact in captured] == ["step-02-0.png", "step-04-0.png"]
    last, final = (Image.open(tmp_path / name) for name in ("step-04-0.png", "image-0.png"))
    assert last.tobytes() == final.tobytes()
    assert (read_parameters(tmp_path / "step-02-0.png") or {})["facts"]["step"] == 2


def test_a_picture_tells_how_it_is_made_again(run: Run, tmp_path: Path) -> None:
    run({"kind": "text_to_image", "prompt": "a cat", "width": 64, "height": 64, "steps": 2})
    first = Image.open(tmp_path / "image-0.png").tobytes()
    record = read_parameters(tmp_path / "image-0.png")
    assert record is not None and record["facts"]["sampler"] == "DDIM"
    run(record["request"])
    assert Image.open(tmp_path / "image-0.png").tobytes() == first


def test_any_unicode_prompt_draws(run: Run) -> None:
    events = run(WORDS | {"prompt": "ein größer 蘑菇 🍄\n\x00 ✓", "negative_prompt": "привет"})
    assert [artifact.name for artifact in of(Artifact, events)] == ["image-0.png"]


def test_words_beyond_what_the_model_reads_at_once_are_read_too(run: Run, tmp_path: Path) -> None:
    pictures = []
    for end in ("red", "blue"):
        assert of(Note, run(WORDS | {"prompt": "x" * 1990 + end})) == []
        pictures.append(Image.open(tmp_path / "image-0.png").tobytes())
    assert pictures[0] != pictures[1]


def test_a_side_that_the_model_cannot_draw_is_refused_with_the_nearest(run: Run) -> None:
    with pytest.raises(
        MaquetteError, match="width: 72 is not a multiple of 16.* nearest are 64 and 80"
    ) as caught:
        run(WORDS | {"width": 72})
    assert caught.value.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    "data",
    [
        WORDS | {"model": "nothing"},
        WORDS | {"model": "starter-mesh"},
        WORDS | {"kind": "text_to_mesh", "mesh_model": "nothing"},
        WORDS | {"kind": "text_to_mesh", "mesh_model": "sd15"},
    ],
)
def test_an_unknown_model_is_refused_before_anything_is_done(
    run: Run, tmp_path: Path, data: dict[str, Any]
) -> None:
    with pytest.raises(MaquetteError, match="is not one of") as caught:
        run(data)
    assert caught.value.code == "BAD_REQUEST"
    assert list(tmp_path.iterdir()) == []


def test_missing_weights_are_told(run: Run) -> None:
    with pytest.raises(MaquetteError) as caught:
        run(WORDS | {"model": "sdxl"})
    assert caught.value.code == "MODEL_MISSING"


@pytest.mark.parametrize("kind", ["text_to_image", "text_to_mesh"])
def test_cancelling_stops_within_one_step(studio: Studio, tmp_path: Path, kind: str) -> None:
    stop, told = [False], []
    request = parse_request(WORDS | {"kind": kind, "steps": 100})
    with pytest.raises(Cancelled):
        for event in studio.run(request, tmp_path, lambda: stop[0]):
            told.append(event)
            stop[0] = stop[0] or (isinstance(event, Step) and event.step == 2)
    assert len(told) < 60
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_studio_works_on(studio: Studio, run: Run, tmp_path: Path) -> None:
    asked = count()
    with pytest.raises(Cancelled):
        run(WORDS, lambda: next(asked) > 3)
    assert isinstance(run(WORDS)[-1], Done)


def test_a_stream_that_nobody_reads_on_ends(studio: Studio, tmp_path: Path) -> None:
    events = studio.run(parse_request(WORDS | {"steps": 150}), tmp_path, lambda: False)
    next(event for event in events if isinstance(event, Step))
    events.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_a_picture_becomes_a_mesh_that_tells_where_it_comes_from(
    run: Run, data_dir: Path, tmp_path: Path
) -> None:
    reference = keep_input(RED_BALL, data_dir)
    events = run({"kind": "image_to_mesh", "image": reference, "resolution": 32})
    stages = [stage.name for stage in of(Stage, events)]
    assert stages == ["background", "loading", "network", "meshing", "finishing", "writing"]
    cutout, mesh, preview = of(Artifact, events)
    assert (cutout.role, mesh.role, mesh.media_type) == ("cutout", "mesh", "model/gltf-binary")
    assert preview.role == "preview" and Image.open(tmp_path / "preview.png").mode == "RGBA"
    assert mesh.figures["faces"] > 10 and mesh.figures["vertices"] > 10
    assert set(mesh.figures) >= {"watertight", "width", "height", "depth", "bytes"}
    assert Image.open(tmp_path / "cutout.png").size == (32, 32)
    steps = [step for step in of(Step, events) if step.stage == "meshing"]
    assert steps and all(0 < step.step <= step.total for step in steps)
    extras = extras_of(tmp_path / "mesh.glb")
    assert extras["picture"] == reference and extras["request"]["resolution"] == 32


def test_the_same_picture_gives_the_same_mesh_bytes(run: Run, data_dir: Path, tmp_path: Path) -> None:
    reference = keep_input(RED_BALL, data_dir)
    meshes = []
    for _ in range(2):
        run({"kind": "image_to_mesh", "image": reference, "resolution": 32})
        meshes.append((tmp_path / "mesh.glb").read_bytes())
    assert meshes[0] == meshes[1]


def test_words_become_a_mesh_that_remembers_them(run: Run, tmp_path: Path) -> None:
    events = run(WORDS | {"kind": "text_to_mesh", "background": "keep", "resolution": 32})
    assert [artifact.role for artifact in of(Artifact, events)] == ["image", "cutout", "mesh", "preview"]
    extras = extras_of(tmp_path / "mesh.glb")
    assert extras["request"]["prompt"] == "a red mushroom"
    assert extras["source"]["facts"]["seed"] == 11
    assert (extras["prompt"], extras["seed"], extras["model"]) == ("a red mushroom", 11, "starter-mesh")
    picture = (tmp_path / "image-0.png").read_bytes()
    assert extras["picture_sha256"] == hashlib.sha256(picture).hexdigest()


def test_a_picture_without_an_object_is_refused(run: Run, data_dir: Path) -> None:
    reference = keep_input(Image.new("RGB", (64, 64), "white"), data_dir)
    with pytest.raises(MaquetteError, match="No object") as caught:
        run({"kind": "image_to_mesh", "image": reference})
    assert caught.value.code == "BAD_IMAGE"


def test_a_threshold_that_nothing_passes_is_refused_with_what_was_found(run: Run, data_dir: Path) -> None:
    reference = keep_input(RED_BALL, data_dir)
    with pytest.raises(MaquetteError, match="threshold: at 1e-06 everything is denser") as caught:
        run({"kind": "image_to_mesh", "image": reference, "threshold": 1e-6, "resolution": 16})
    assert caught.value.code == "BAD_REQUEST"


def test_a_picture_that_is_not_there_is_not_found(run: Run) -> None:
    with pytest.raises(MaquetteError) as caught:
        run({"kind": "image_to_mesh", "image": "artifacts/none/image-0.png"})
    assert caught.value.code == "NOT_FOUND"


def test_cancelling_stops_between_meshing_chunks(studio: Studio, data_dir: Path, tmp_path: Path) -> None:
    stop, told = [False], []
    request = parse_request(
        {"kind": "image_to_mesh", "image": keep_input(RED_BALL, data_dir), "resolution": 128}
    )
    with pytest.raises(Cancelled):
        for event in studio.run(request, tmp_path, lambda: stop[0]):
            told.append(event)
            stop[0] = stop[0] or (isinstance(event, Step) and event.stage == "meshing")
    assert not (tmp_path / "mesh.glb").exists()
