import math

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from tests.tsr.shapes import DATA, LEVEL, RADIUS, ball, scene, torus
from tsr import extract_mesh, to_gltf_frame
from tsr.errors import ResolutionError, SceneCodeError, ThresholdError
from tsr.gltf import vertex_colors


def test_a_ball_has_its_area_and_volume_and_faces_outward() -> None:
    mesh = extract_mesh(*ball(0.5), resolution=96)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(4 / 3 * math.pi * 0.5**3, rel=5e-3)
    assert mesh.area == pytest.approx(4 * math.pi * 0.5**2, rel=5e-3)
    assert np.linalg.norm(mesh.vertices, axis=1) == pytest.approx(0.5, abs=2e-3)
    assert (np.einsum("nd,nd->n", mesh.face_normals, mesh.triangles_center) > 0).all()


def test_a_torus_keeps_its_hole() -> None:
    mesh = extract_mesh(*torus(0.45, 0.16), resolution=96)
    assert mesh.is_watertight
    assert mesh.euler_number == 0
    assert mesh.volume == pytest.approx(2 * math.pi**2 * 0.45 * 0.16**2, rel=1e-2)
    assert mesh.area == pytest.approx(4 * math.pi**2 * 0.45 * 0.16, rel=1e-2)


def test_vertex_colours_are_the_fields_at_the_vertices() -> None:
    mesh = extract_mesh(*ball(0.5), resolution=64)
    expected = 255 / (1 + np.exp(-4 * mesh.vertices / RADIUS))
    assert np.abs(vertex_colors(mesh)[:, :3] - expected).max() <= 1


def test_the_gltf_frame_has_up_y_and_the_photos_side_in_front() -> None:
    mesh = extract_mesh(*ball(0.5), resolution=48)
    turned = to_gltf_frame(mesh)
    assert turned.vertices[:, 2] == pytest.approx(mesh.vertices[:, 0])  # front: +X -> +Z
    assert turned.vertices[:, 1] == pytest.approx(mesh.vertices[:, 2])  # up: +Z -> +Y
    assert turned.volume == pytest.approx(mesh.volume)  # a rotation, not a mirror
    assert (vertex_colors(turned) == vertex_colors(mesh)).all()


@pytest.mark.parametrize("resolution", [64, 128, 256])
def test_the_recorded_scene_has_the_published_counts_and_lies_nearer_to_the_surface(resolution: int) -> None:
    model, code = scene()
    stored = np.load(DATA / "scene.npz")
    mesh = extract_mesh(model, code, resolution)
    assert len(mesh.vertices) == stored[f"vertex_count_{resolution}"]
    assert len(mesh.faces) == stored[f"face_count_{resolution}"]
    with torch.no_grad():
        raw = model.query(code, torch.tensor(mesh.vertices, dtype=torch.float32)).raw_density
    assert (raw - LEVEL).abs().mean() < stored[f"iso_error_mean_{resolution}"] / 2


def test_the_recorded_scenes_vertices_and_colours_are_the_published_ones() -> None:
    stored = np.load(DATA / "scene.npz")
    mesh = extract_mesh(*scene(), resolution=64)
    distance, nearest = cKDTree(stored["vertices_64"]).query(mesh.vertices)
    assert distance.max() < 0.5 * 2 * RADIUS / 63  # half a voxel
    difference = np.abs(vertex_colors(mesh)[:, :3] / 255 - stored["colors_64"][nearest])
    assert difference.mean() < 0.01


def test_exact_gives_the_same_mesh() -> None:
    quick, exact = (extract_mesh(*scene(), resolution=64, exact=exact) for exact in (False, True))
    assert (quick.faces == exact.faces).all()
    assert quick.vertices == pytest.approx(exact.vertices, abs=1e-5)


def test_a_network_in_bfloat16_still_meshes_in_float32() -> None:
    model, code = ball(0.5)
    mesh = extract_mesh(model.bfloat16(), code.bfloat16(), resolution=48)
    assert mesh.volume == pytest.approx(4 / 3 * math.pi * 0.5**3, rel=3e-2)


def test_progress_grows_to_its_total() -> None:
    seen: list[tuple[int, int]] = []
    extract_mesh(*scene(), resolution=64, on_chunk=lambda done, total: seen.append((done, total)))
    assert all(before[0] <= after[0] for before, after in zip(seen, seen[1:], strict=False))
    assert all(done <= total for done, total in seen)
    assert seen[-1][0] == seen[-1][1]


def test_progress_may_stop_the_work() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt(f"{done} of {total}")

    with pytest.raises(KeyboardInterrupt):
        extract_mesh(*ball(0.5), resolution=64, on_chunk=stop)


@pytest.mark.parametrize("resolution", [15, 513, 2000, 64.0, True])
def test_a_resolution_out_of_range_names_the_limits(resolution: int) -> None:
    with pytest.raises(ResolutionError, match=f"{resolution}.*16 to 512"):
        extract_mesh(*ball(0.5), resolution=resolution)


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.nan, math.inf])
def test_a_threshold_that_is_no_positive_number_is_refused(threshold: float) -> None:
    with pytest.raises(ThresholdError, match=f"{threshold}.*above 0"):
        extract_mesh(*ball(0.5), resolution=32, threshold=threshold)


@pytest.mark.parametrize("resolution", [32, 64])
def test_a_threshold_that_leaves_nothing_tells_the_greatest_density(resolution: int) -> None:
    model, code = ball(0.5)
    # the centre is nearly a grid point: 20 (r / radius)^2 above the level
    expected = 25 * math.exp(20 * (0.5 / RADIUS) ** 2)
    with pytest.raises(ThresholdError, match="nothing is as dense; the greatest density found is") as caught:
        extract_mesh(model, code, resolution, threshold=1e9)
    assert float(str(caught.value).split()[-1]) == pytest.approx(expected, rel=0.1)


def test_a_threshold_that_leaves_everything_is_refused() -> None:
    with pytest.raises(ThresholdError, match="everything is denser"):
        extract_mesh(*ball(0.5), resolution=64, threshold=1e-30)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_planes_with_nan_or_infinity_are_refused(bad: float) -> None:
    model, code = ball(0.5)
    code[1, 0, 5, 5] = bad
    with pytest.raises(SceneCodeError, match=f"1 of {code.numel()} values"):
        extract_mesh(model, code, resolution=32)


def test_planes_of_another_networks_shape_are_refused() -> None:
    model, code = ball(0.5)
    with pytest.raises(SceneCodeError, match=r"\[3, 2, 128, 128\] is not \[3, 3, H, W\]"):
        extract_mesh(model, code[:, :2], resolution=32)
