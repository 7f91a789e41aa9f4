from pathlib import Path
from typing import Any

from jobs.records import ArtifactRecord, JobError, JobRecord
from ui.stage import mesh_pane, picture_pane

FOLDER = Path("/data/artifacts/k")
SIZE = {"width_mm": 62.012, "depth_mm": 7.451, "height_mm": 80.0}


def record(**fields: Any) -> JobRecord:
    """A running drawing, with some fields changed."""
    request = {"prompt": "a <b>red</b> mushroom"}
    usual: dict[str, Any] = {
        "key": "k",
        "kind": "text_to_image",
        "state": "running",
        "request": request,
        "created": 1.0,
    }
    return JobRecord(**usual | fields)


def test_a_step_shows_its_count_its_share_and_the_time_left() -> None:
    shown = picture_pane(
        record(stage="drawing", step=5, total=20, eta_seconds=70.0), FOLDER, preview="data:x"
    )
    assert "Step 5 of 20" in shown and "width:25.0%" in shown and "1 min 10 s left" in shown
    assert 'src="data:x"' in shown


def test_a_waiting_job_tells_how_many_come_first() -> None:
    assert "Waiting, 3 before yours" in picture_pane(record(state="queued", position=3), FOLDER)
    assert "Next in line" in picture_pane(record(state="queued"), FOLDER)


def test_words_from_outside_never_become_markup() -> None:
    error = JobError(code="BAD_REQUEST", message="<script>alert(1)</script>")
    failed = picture_pane(record(state="failed", error=error), FOLDER)
    assert "<script" not in failed and "&lt;script&gt;" in failed
    image = ArtifactRecord(role="image", name="image-0.png", media_type="image/png")
    done = picture_pane(record(state="done", artifacts=[image], notes=["<i>"]), FOLDER)
    assert "<b>" not in done and "<i>" not in done


def test_the_chosen_result_is_shown_and_marked() -> None:
    images = [ArtifactRecord(role="image", name=f"image-{n}.png", media_type="image/png") for n in range(2)]
    shown = picture_pane(record(state="done", artifacts=images), FOLDER, "image-1.png")
    frame, thumbs = shown.split('class="mq-thumbs"')
    assert "image-1.png" in frame and "image-0.png" not in frame
    assert 'data-pick="image-1.png" aria-pressed="true"' in thumbs


def test_addresses_are_relative_and_quoted() -> None:
    image = ArtifactRecord(role="image", name="image-0.png", media_type="image/png")
    shown = picture_pane(record(state="done", artifacts=[image]), Path('/my data/"q"'))
    assert 'src="gradio_api/file=/my%20data/%22q%22/image-0.png"' in shown


def test_a_mesh_is_downloaded_under_the_name_of_its_words() -> None:
    mesh = ArtifactRecord(
        role="mesh",
        name="a-red-mushroom.glb",
        media_type="model/gltf-binary",
        figures={"vertices": 12345, "faces": 6},
    )
    shown = mesh_pane(record(state="done", artifacts=[mesh]), FOLDER)
    assert 'download="a-red-mushroom.glb"' in shown and "12,345 vertices" in shown


def test_a_mesh_made_anew_leaves_the_viewer_open_while_it_is_made() -> None:
    shown = mesh_pane(record(kind="remesh", stage="meshing", step=1, total=2), FOLDER)
    assert "data-made" in shown and "mq-frame" not in shown and "width:50.0%" in shown


def test_all_files_of_a_mesh_can_be_saved_under_speaking_names() -> None:
    artifacts = [
        ArtifactRecord(role="mesh", name="a-cup.glb", media_type="model/gltf-binary"),
        ArtifactRecord(role="file", name="a-cup.obj", media_type="model/obj"),
        ArtifactRecord(role="file", name="a-cup.png", media_type="image/png"),
        ArtifactRecord(role="print", name="a-cup-print.3mf", media_type="model/3mf", figures=SIZE),
        ArtifactRecord(role="turntable", name="turntable.mp4", media_type="video/mp4"),
    ]
    shown = mesh_pane(record(state="done", artifacts=artifacts), FOLDER)
    for name in ("a-cup.glb", "a-cup.obj", "a-cup.png", "a-cup-print.3mf", "a-cup.mp4"):
        assert f'download="{name}"' in shown
    assert ">Texture PNG</a>" in shown and ">Print 3MF</a>" in shown
    assert '<video class="mq-film" src="gradio_api/file=/data/artifacts/k/turntable.mp4"' in shown


def test_a_print_tells_its_verdict_and_measures_that_one_can_read() -> None:
    figures = {"verdict": "Watertight: ready to print.", "volume_cm3": 41.237, "mass_g": 0.2549}
    solid = ArtifactRecord(role="print", name="print.stl", media_type="model/stl", figures=figures | SIZE)
    mesh = ArtifactRecord(role="mesh", name="mesh.glb", media_type="model/gltf-binary")
    shown = mesh_pane(record(state="done", artifacts=[mesh, solid]), FOLDER)
    assert "62 × 7.5 × 80 mm (width × depth × height)" in shown
    assert "41 cm³" in shown and "0.25 g in PLA" in shown
    assert shown.count("Watertight: ready to print.") == 1


def test_a_mesh_that_is_not_watertight_says_so() -> None:
    mesh = ArtifactRecord(
        role="mesh", name="mesh.glb", media_type="model/gltf-binary", figures={"watertight": False}
    )
    assert "<span>not watertight</span>" in mesh_pane(record(state="done", artifacts=[mesh]), FOLDER)
