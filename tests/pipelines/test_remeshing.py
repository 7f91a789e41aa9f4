"""A kept scene meshed anew: by a job, and at once for a slider."""

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image, ImageDraw

from models.errors import Cancelled, MaquetteError
from models.store import ModelStore
from pipelines.events import Artifact, Event, Note, Stage, Step
from pipelines.live import Live
from pipelines.pictures import keep_input
from pipelines.requests import Finishing, parse_request
from pipelines.studio import Studio

BALL = Image.new("RGB", (96, 96), "white")
ImageDraw.Draw(BALL).ellipse((20, 20, 70, 70), fill="red")
QUICK: dict[str, Any] = {"resolution": 32, "remove_floaters": 0}
Run = Callable[..., list[Event]]


@pytest.fixture(scope="module")
def run(store: ModelStore, data_dir: Path) -> Run:
    studio = Studio(store, data_dir)

    def run(key: str, **fields: Any) -> list[Event]:
        request = parse_request(QUICK | fields)
        return list(studio.run(request, data_dir / "artifacts" / key, lambda: False))

    return run


@pytest.fixture(scope="module")
def first(run: Run, data_dir: Path) -> Path:
    """The folder of a finished mesh with the key `first`."""
    run("first", kind="image_to_mesh", image=keep_input(BALL, data_dir))
    return data_dir / "artifacts" / "first"


def tree_of(path: Path) -> dict[str, Any]:
    """The JSON of a binary glTF."""
    content = path.read_bytes()
    (length,) = struct.unpack("<I", content[12:16])
    tree: dict[str, Any] = json.loads(content[20 : 20 + length])
    return tree


def test_a_kept_scene_gives_the_same_mesh_without_asking_the_network(run: Run, first: Path) -> None:
    events = run("again", kind="remesh", source="first")
    stages = [event.name for event in events if isinstance(event, Stage)]
    assert stages == ["loading", "meshing", "finishing", "writing"]
    again, before = (tree_of(first.with_name(key) / "mesh.glb") for key in ("again", "first"))
    assert again["accessors"] == before["accessors"] and again["bufferViews"] == before["bufferViews"]
    lineage = again["asset"]["extras"]
    assert lineage["picture_sha256"] == before["asset"]["extras"]["picture_sha256"]
    assert lineage["request"]["source"] == "first"


def test_a_mesh_made_anew_can_itself_be_made_anew_when_the_first_is_gone(run: Run, first: Path) -> None:
    run("second", kind="remesh", source="first")
    hidden = first.rename(first.with_name("hidden"))
    try:
        assert any(isinstance(event, Artifact) for event in run("third", kind="remesh", source="second"))
    finally:
        hidden.rename(first)


@pytest.mark.parametrize("source", ["nobody", "..", "../first", "first/../first", "."])
def test_a_job_without_a_scene_is_not_found(run: Run, first: Path, source: str) -> None:
    with pytest.raises(MaquetteError, match="source: no job with a mesh") as caught:
        run("lost", kind="remesh", source=source)
    assert caught.value.code == "NOT_FOUND"


def test_a_damaged_scene_is_told_without_a_path(run: Run, first: Path) -> None:
    folder = first.with_name("damaged")
    folder.mkdir()
    for file in first.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "scene-0.safetensors").write_bytes(b"cut short")
    with pytest.raises(MaquetteError, match="is lost") as caught:
        run("lost", kind="remesh", source="damaged")
    assert str(first.parent) not in caught.value.message


def test_fewer_faces_and_a_texture_come_as_asked(run: Run, first: Path) -> None:
    run("fine", kind="remesh", source="first", target_faces=500, texture="texture", texture_size=512)
    tree = tree_of(first.with_name("fine") / "mesh.glb")
    faces = tree["accessors"][tree["meshes"][0]["primitives"][0]["indices"]]["count"] // 3
    assert 100 < faces <= 510
    assert tree["images"][0]["mimeType"] == "image/png" and len(tree["textures"]) == 1


def test_a_texture_being_baked_looks_at_the_wish_to_cancel(
    store: ModelStore, first: Path, data_dir: Path
) -> None:
    def looks(size: int) -> int:
        asked: list[int] = []

        def cancelled() -> bool:
            asked.append(size)
            return False

        wish = {"source": "first", "texture": "texture", "texture_size": size, "target_faces": 500}
        request = parse_request({"kind": "remesh"} | QUICK | wish)
        assert list(Studio(store, data_dir).run(request, data_dir / "artifacts" / f"looks-{size}", cancelled))
        return len(asked)

    assert looks(1024) > looks(512) + 10


def test_a_texture_comes_as_jpeg_where_asked(run: Run, first: Path) -> None:
    wish = {"target_faces": 500, "texture": "texture", "texture_size": 512, "texture_format": "jpeg"}
    events = run("jpeg", kind="remesh", source="first", formats=["obj"], **wish)
    assert tree_of(first.with_name("jpeg") / "mesh.glb")["images"][0]["mimeType"] == "image/jpeg"
    kinds = {event.name: event.media_type for event in events if isinstance(event, Artifact)}
    assert kinds["mesh.jpg"] == "image/jpeg"


def test_a_photo_is_laid_on_the_mesh_or_a_note_tells_that_it_does_not_fit(run: Run, data_dir: Path) -> None:
    thin = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(thin).line((10, 10, 86, 86), fill="red", width=5)
    photo = {"kind": "image_to_mesh", "texture": "photo", "texture_size": 512, "target_faces": 500}
    told = {}
    for key, image in {"fits": BALL, "thin": thin}.items():
        events = run(key, image=keep_input(image, data_dir), **photo)
        told[key] = [e.text for e in events if isinstance(e, Note) and "the photo does not fit" in e.text]
        assert len(tree_of(data_dir / "artifacts" / key / "mesh.glb")["textures"]) == 1
    assert (len(told["fits"]), len(told["thin"])) == (0, 1)


def test_all_formats_come_with_a_zip_of_them(run: Run, first: Path) -> None:
    events = run("files", kind="remesh", source="first", formats=["stl", "obj", "ply", "3mf"])
    artifacts = {event.name: event for event in events if isinstance(event, Artifact)}
    assert list(artifacts)[0] == "mesh.glb"
    names = {"mesh.glb", "mesh.obj", "mesh.stl", "mesh.ply", "mesh.3mf"}
    assert names < set(artifacts)
    folder = first.with_name("files")
    with zipfile.ZipFile(folder / "mesh.zip") as archive:
        assert set(archive.namelist()) == names and archive.testzip() is None
    assert artifacts["mesh.stl"].figures["bytes"] == (folder / "mesh.stl").stat().st_size


def test_files_with_a_name_of_their_own_name_each_other(run: Run, first: Path) -> None:
    textured = {"texture": "texture", "texture_size": 512, "target_faces": 500, "print_height_mm": 40.0}
    run("named", kind="remesh", source="first", formats=["obj"], file_name="red-ball", **textured)
    folder = first.with_name("named")
    assert "mtllib red-ball.mtl" in (folder / "red-ball.obj").read_text()
    assert "map_Kd red-ball.png" in (folder / "red-ball.mtl").read_text()
    with zipfile.ZipFile(folder / "red-ball.zip") as archive:
        stems = {Path(name).stem for name in archive.namelist()}
    assert stems == {"red-ball", "red-ball-print"}


def test_a_print_has_its_height_and_a_verdict(run: Run, first: Path) -> None:
    events = run("print", kind="remesh", source="first", print_height_mm=80.0)
    prints = [event for event in events if isinstance(event, Artifact) and event.role == "print"]
    assert [artifact.name for artifact in prints] == ["print.stl", "print.3mf"]
    solid = trimesh.load_mesh(first.with_name("print") / "print.stl")
    assert solid.extents[2] == pytest.approx(80.0, rel=1e-4)
    assert prints[0].figures["watertight"] == solid.is_watertight
    told = [prints[0].figures[f"{side}_mm"] for side in ("width", "depth", "height")]
    assert told == pytest.approx(solid.extents, rel=1e-3)  # of the STL, whose X is the width
    assert "atertight" in str(prints[0].figures["verdict"])


def test_a_print_weighs_what_its_material_does(run: Run, first: Path) -> None:
    masses = []
    for density in (1.24, 7.85):
        wish = {"print_height_mm": 40.0, "print_density_g_cm3": density}
        events = run(f"of-{density}", kind="remesh", source="first", **wish)
        prints = [event for event in events if isinstance(event, Artifact) and event.role == "print"]
        mass, volume = (float(prints[0].figures[name]) for name in ("mass_g", "volume_cm3"))
        assert mass == pytest.approx(volume * density, rel=0.01)
        masses.append(mass)
    assert masses[1] > 6 * masses[0]


def test_a_turntable_is_a_film(run: Run, first: Path) -> None:
    events = run("film", kind="remesh", source="first", turntable=True, target_faces=500)
    (film,) = [event for event in events if isinstance(event, Artifact) and event.role == "turntable"]
    assert (film.name, film.media_type) == ("turntable.mp4", "video/mp4")
    assert (first.with_name("film") / "turntable.mp4").read_bytes()[4:8] == b"ftyp"


def test_two_objects_become_two_meshes_side_by_side(run: Run, data_dir: Path) -> None:
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).ellipse((10, 20, 70, 80), fill="red")
    ImageDraw.Draw(image).rectangle((130, 35, 160, 65), fill="blue")
    events = run("two", kind="image_to_mesh", image=keep_input(image, data_dir), objects="each")
    (mesh,) = [event for event in events if isinstance(event, Artifact) and event.role == "mesh"]
    assert mesh.figures["objects"] == 2
    scene = trimesh.load_scene(data_dir / "artifacts" / "two" / "mesh.glb")
    left, right = sorted(scene.geometry.values(), key=lambda part: float(part.bounds[:, 0].mean()))
    assert np.ptp(left.bounds[:, 1]) > 1.5 * np.ptp(right.bounds[:, 1])


def test_a_moved_slider_shows_another_small_mesh(store: ModelStore, data_dir: Path, first: Path) -> None:
    live = Live(store, data_dir)
    low, high = (live.preview("first", Finishing(threshold=value)) for value in (5.0, 60.0))
    meshes = [trimesh.load_mesh(path) for path in (low, high)]
    assert abs(meshes[0].volume) > abs(meshes[1].volume) > 0
    assert live.preview("first", Finishing(threshold=5.0)) == low


def test_only_the_newest_previews_stay(store: ModelStore, data_dir: Path, first: Path) -> None:
    live = Live(store, data_dir)
    for threshold in range(10, 20):
        newest = live.preview("first", Finishing(threshold=float(threshold)))
    kept = list(first.glob("live-*"))
    assert newest in kept and len(kept) <= 4


def test_a_preview_of_nothing_is_refused(store: ModelStore, data_dir: Path, first: Path) -> None:
    with pytest.raises(MaquetteError) as caught:
        Live(store, data_dir).preview("first", Finishing(threshold=1e-30))
    assert caught.value.code == "BAD_REQUEST"


def test_a_preview_comes_between_two_steps_of_a_drawing(
    store: ModelStore, data_dir: Path, first: Path, tmp_path: Path
) -> None:
    words = {"kind": "text_to_image", "prompt": "a cup", "steps": 150, "width": 64, "height": 64}
    live = Live(store, data_dir)
    previews: list[Path] = []
    events = Studio(store, data_dir).run(parse_request(words), tmp_path, lambda: bool(previews))
    with pytest.raises(Cancelled):  # had the preview waited for the drawing's end, nothing could be cancelled
        for event in events:
            if isinstance(event, Step) and not previews:
                previews.append(live.preview("first", Finishing(threshold=12.25)))
    assert previews[0].read_bytes().startswith(b"glTF")
