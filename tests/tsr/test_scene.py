from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.tsr.shapes import LEVEL, RADIUS, STEEP, ball, scene, torus
from tsr import Scene, extract_mesh, load_scene_code, save_scene_code
from tsr.errors import PointsError, SceneCodeError
from tsr.gltf import vertex_colors


@pytest.fixture(scope="module")
def recorded() -> Scene:
    return Scene(*scene())


def points(count: int, reach: float = 1.1) -> np.ndarray:
    """Points in the box and a little outside of it."""
    return np.random.default_rng(3).uniform(-reach * RADIUS, reach * RADIUS, (count, 3)).astype(np.float32)


@pytest.mark.parametrize("threshold", [5.0, 25.0, 60.0])
def test_a_scene_asked_before_gives_the_mesh_of_a_fresh_one(threshold: float) -> None:
    model, code = scene()
    used = Scene(model, code)
    used.surface(64, 15.0)
    again, fresh = used.surface(64, threshold), extract_mesh(model, code, 64, threshold)
    assert np.array_equal(again.faces, fresh.faces)
    assert again.vertices == pytest.approx(fresh.vertices, abs=1e-5)
    assert np.array_equal(vertex_colors(again), vertex_colors(fresh))


def test_a_second_threshold_asks_only_what_is_new() -> None:
    used = Scene(*scene())
    first: list[tuple[int, int]] = []
    second: list[tuple[int, int]] = []
    mesh = used.surface(64, 25.0, on_chunk=lambda *seen: first.append(seen))
    again = used.surface(64, 26.0, on_chunk=lambda *seen: second.append(seen))
    grid_points = second[-1][0] - len(again.vertices)
    assert grid_points < (first[-1][0] - len(mesh.vertices)) / 10


def test_raw_density_at_points_is_the_networks(recorded: Scene) -> None:
    places = points(20_000)
    with torch.no_grad():
        expected = recorded.model.query(recorded.code, torch.from_numpy(places)).raw_density[:, 0]
    assert np.abs(recorded.raw_density(places) - expected.numpy()).max() < 1e-4


def test_colours_at_points_are_the_networks(recorded: Scene) -> None:
    places = points(20_000)
    with torch.no_grad():
        expected = recorded.model.query(recorded.code, torch.from_numpy(places)).color * 255
    found = recorded.colors(places)
    assert found.dtype == np.uint8
    assert np.abs(found - expected.numpy()).max() <= 0.51


def test_planes_that_are_not_square_are_looked_up_right() -> None:
    model, code = scene()
    oblong = Scene(model, code[:, :, :40])
    places = points(1000)
    with torch.no_grad():
        expected = model.query(oblong.code, torch.from_numpy(places)).raw_density[:, 0]
    assert np.abs(oblong.raw_density(places) - expected.numpy()).max() < 1e-4


def test_the_gradient_of_a_ball_points_to_its_middle() -> None:
    places = points(500, reach=0.9)
    found = Scene(*ball(0.5)).density_gradient(places)
    expected = -2 * STEEP * places / RADIUS**2  # of STEEP (1 - |p|^2 / radius^2)
    assert np.abs(found - expected).max() < 0.02 * STEEP / RADIUS  # a texel is 1/64 of the radius


def test_a_newton_step_brings_points_to_the_surface() -> None:
    asked = Scene(*torus(0.45, 0.16))
    start = (asked.surface(64).vertices * 1.01).astype(np.float32)
    slope = asked.density_gradient(start)
    excess = asked.raw_density(start) - LEVEL
    step = excess[:, None] * slope / (slope**2).sum(axis=1, keepdims=True)
    before, after = np.abs(excess).mean(), np.abs(asked.raw_density(start - step) - LEVEL).mean()
    assert after < before / 10


def test_the_level_is_the_raw_density_of_a_threshold(recorded: Scene) -> None:
    assert recorded.level(25.0) == pytest.approx(LEVEL)


def test_the_gradient_can_be_had_in_inference_mode() -> None:
    model, code = ball(0.5)
    with torch.inference_mode():
        found = Scene(model, code * 1.0).density_gradient(points(3))
    assert np.isfinite(found).all()


def test_no_points_give_no_answers(recorded: Scene) -> None:
    nothing = np.empty((0, 3), dtype=np.float32)
    assert recorded.raw_density(nothing).shape == (0,)
    assert recorded.colors(nothing).shape == (0, 3)
    assert recorded.density_gradient(nothing).shape == (0, 3)


def test_points_of_another_shape_are_refused(recorded: Scene) -> None:
    with pytest.raises(PointsError, match=r"\[5, 2\] is not \[N, 3\]"):
        recorded.colors(np.zeros((5, 2), dtype=np.float32))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_points_that_are_nowhere_are_refused(recorded: Scene, bad: float) -> None:
    places = np.zeros((5, 3), dtype=np.float32)
    places[3, 1] = bad
    with pytest.raises(PointsError, match="1 of 5 are NaN or infinite"):
        recorded.raw_density(places)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_scene_code_is_kept_as_it_was(tmp_path: Path, dtype: torch.dtype) -> None:
    code = scene()[1].to(dtype)
    save_scene_code(tmp_path / "code.safetensors", code)
    assert torch.equal(load_scene_code(tmp_path / "code.safetensors"), code.float())


def test_a_scene_code_with_nan_is_not_kept(tmp_path: Path) -> None:
    code = torch.zeros(3, 4, 8, 8)
    code[0, 0, 0, 0] = torch.nan
    with pytest.raises(SceneCodeError, match="1 of 768 values"):
        save_scene_code(tmp_path / "code.safetensors", code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not safetensors at all"])
def test_a_broken_scene_code_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "code.safetensors").write_bytes(content)
    with pytest.raises(SceneCodeError, match=r"code\.safetensors cannot be read") as caught:
        load_scene_code(tmp_path / "code.safetensors")
    assert str(tmp_path) not in str(caught.value)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    save_file({"weights": torch.zeros(2)}, tmp_path / "code.safetensors")
    with pytest.raises(SceneCodeError, match="holds .'weights'., not 'scene_code'"):
        load_scene_code(tmp_path / "code.safetensors")
