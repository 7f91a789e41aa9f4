"""The API through gradio_client, as a Python programmer uses it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trimesh
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from tests.api.calls import QUICK, SLOW, mushroom
from tests.server import Server


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[Client]:
    client = Client(server.url, verbose=False, download_files=str(tmp_path / "downloads"))
    yield client
    client.close()


def test_words_become_a_mesh_and_every_step_is_told(client: Client) -> None:
    told = list(client.submit(**QUICK, resolution=32, api_name="/text_to_mesh"))
    drawn = [record for record in told if record["stage"] == "drawing" and record["step"] > 0]
    previews = {Path(record["preview"]).read_bytes() for record in drawn if record["preview"]}
    assert len(previews) >= 5
    assert [record["step"] for record in drawn] == sorted(record["step"] for record in drawn)
    last = told[-1]
    assert (last["state"], last["error"], last["seed"]) == ("done", None, 7)
    files = {artifact["role"]: artifact["file"] for artifact in last["artifacts"]}
    assert Image.open(files["image"]).size[0] >= 64
    assert trimesh.load_mesh(files["mesh"]).area > 0


def test_one_prompt_is_all_that_is_needed(client: Client) -> None:
    assert client.predict(prompt="a red mushroom", api_name="/text_to_image")["state"] == "done"


def test_the_same_seed_draws_the_same_picture(client: Client) -> None:
    one, two = (client.predict(**QUICK, api_name="/text_to_image") for _ in range(2))
    assert one["key"] != two["key"]
    paths = [record["artifacts"][0]["file"] for record in (one, two)]
    assert Image.open(paths[0]).tobytes() == Image.open(paths[1]).tobytes()


def test_a_picture_of_ones_own_becomes_a_mesh(client: Client, tmp_path: Path) -> None:
    picture = handle_file(mushroom(tmp_path / "mine.png"))
    record = client.predict(image=picture, resolution=32, api_name="/image_to_mesh")
    assert (record["state"], record["error"]) == ("done", None)
    assert record["request"]["image"].startswith("inputs/")


def test_an_earlier_picture_becomes_a_mesh_by_its_reference(client: Client) -> None:
    drawn = client.predict(**QUICK, api_name="/text_to_image")
    reference = drawn["artifacts"][0]["reference"]
    record = client.predict(image=reference, resolution=32, api_name="/image_to_mesh")
    assert record["request"]["image"] == reference


def test_a_job_is_handed_in_looked_up_and_found_by_a_new_client(server: Server, client: Client) -> None:
    queued = client.predict({"kind": "text_to_image", **QUICK}, "mine-1", api_name="/submit")
    assert queued["key"] == "mine-1"
    later = Client(server.url, verbose=False)
    told = list(later.submit(**QUICK, key="mine-1", api_name="/text_to_image"))
    assert told[-1]["state"] == "done"
    assert later.predict("mine-1", api_name="/status")["artifacts"][0]["role"] == "image"
    assert "mine-1" in [record["key"] for record in later.predict(limit=50, api_name="/history")]


def test_a_running_job_is_cancelled_within_a_few_steps(server: Server, client: Client) -> None:
    job = client.submit(**SLOW, key="slow-1", api_name="/text_to_image")
    record = next(record for record in job if record["stage"] == "drawing" and record["step"] > 0)
    seen = record["step"]
    client.predict("slow-1", api_name="/cancel")
    *_, last = job
    assert (last["state"], last["error"]["code"]) == ("cancelled", "CANCELLED")
    assert seen <= last["step"] < 150
    assert client.predict(**QUICK, api_name="/text_to_image")["state"] == "done"


def test_a_client_that_leaves_does_not_end_its_job(server: Server, client: Client) -> None:
    job = client.submit(**SLOW, key="slow-2", api_name="/text_to_image")
    next(record for record in job if record["stage"] == "drawing" and record["step"] > 0)
    job.cancel()
    again = Client(server.url, verbose=False).submit(**SLOW, key="slow-2", api_name="/text_to_image")
    assert next(iter(again))["state"] == "running"
    client.predict("slow-2", api_name="/cancel")
    assert list(again)[-1]["state"] == "cancelled"


def test_the_same_key_with_another_request_is_refused(client: Client) -> None:
    client.predict(**QUICK, key="mine-2", api_name="/text_to_image")
    with pytest.raises(AppError) as caught:
        client.predict(prompt="a blue robot", key="mine-2", api_name="/text_to_image")
    assert caught.value.title == "KEY_IN_USE"


def test_a_deleted_job_is_gone_with_its_files(server: Server, client: Client) -> None:
    client.predict(**QUICK, key="mine-3", api_name="/text_to_image")
    client.predict("mine-3", api_name="/delete")
    assert not (server.data_dir / "artifacts" / "mine-3").exists()
    with pytest.raises(AppError) as caught:
        client.predict("mine-3", api_name="/status")
    assert caught.value.title == "NOT_FOUND"


def test_the_models_tell_what_they_are_and_whether_they_are_here(client: Client) -> None:
    models = {model["name"]: model for model in client.predict(api_name="/models")}
    assert models["starter"]["state"] in ("ready", "loaded")
    assert models["sdxl"]["state"] == "missing"
    assert client.predict(api_name="/health")["status"] == "ok"


def test_arguments_have_the_names_and_defaults_of_the_requests(client: Client) -> None:
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    given = {p["parameter_name"]: p["parameter_default"] for p in endpoints["/text_to_mesh"]["parameters"]}
    assert given["negative_prompt"] == "" and given["foreground_ratio"] == 0.85
    assert given["steps"] is None and given["resolution"] == 256 and given["key"] is None
    streams = {"/text_to_image", "/sketch_to_image", "/image_to_image", "/inpaint", "/upscale"}
    streams |= {"/image_to_mesh", "/text_to_mesh", "/remesh"}
    at_once = {"/submit", "/status", "/cancel", "/delete", "/history", "/models", "/health"}
    assert set(endpoints) == streams | at_once


def test_a_mesh_is_made_anew_from_its_kept_scene(client: Client, tmp_path: Path) -> None:
    picture = handle_file(mushroom(tmp_path / "mine.png"))
    first = client.predict(image=picture, resolution=32, remove_floaters=0.0, api_name="/image_to_mesh")
    made = client.predict(
        source=first["key"],
        resolution=32,
        threshold=5.0,
        remove_floaters=0.0,
        formats=["stl", "3mf"],
        api_name="/remesh",
    )
    assert (made["state"], made["error"]) == ("done", None)
    assert "network" not in made["seconds"] and made["key"] != first["key"]
    names = [artifact["name"] for artifact in made["artifacts"]]
    assert names == ["mesh.glb", "preview.png", "mesh.stl", "mesh.3mf", "mesh.zip"]
    volumes = [
        abs(trimesh.load_mesh(record["artifacts"][names_at]["file"]).volume)
        for record, names_at in ((first, 1), (made, 0))
    ]
    assert volumes[1] > volumes[0]


def test_a_mask_of_ones_own_cuts_the_object_out(client: Client, tmp_path: Path) -> None:
    picture = handle_file(mushroom(tmp_path / "mine.png"))
    Image.new("L", (128, 128), 255).save(tmp_path / "mask.png")
    mask = handle_file(str(tmp_path / "mask.png"))
    record = client.predict(image=picture, mask=mask, resolution=32, api_name="/image_to_mesh")
    assert record["state"] == "done" and record["request"]["mask"].startswith("inputs/")
    assert any("whole picture" in note for note in record["notes"])
