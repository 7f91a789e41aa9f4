import math

import numpy as np
import pytest
import trimesh

from tests.tsr.shapes import ball, scene, torus
from tsr import Scene, extract_mesh
from tsr.clean import boundary_loops, fill_holes, remove_floaters, smooth
from tsr.decimate import Isosurface, decimate, unfolded
from tsr.errors import CleaningError
from tsr.figures import figures
from tsr.gltf import vertex_colors


def painted(mesh: trimesh.Trimesh, color: tuple[int, int, int]) -> trimesh.Trimesh:
    colors = np.tile(np.array([*color, 255], np.uint8), (len(mesh.vertices), 1))
    return trimesh.Trimesh(mesh.vertices, mesh.faces, vertex_colors=colors, process=False)


def two_balls(small: float) -> trimesh.Trimesh:
    """A red ball of radius 1 and a blue one beside it."""
    red, blue = (trimesh.creation.icosphere(3, radius) for radius in (1.0, small))
    blue.apply_translation([3, 0, 0])
    both = trimesh.util.concatenate([painted(red, (255, 0, 0)), painted(blue, (0, 0, 255))])
    assert isinstance(both, trimesh.Trimesh)
    return both


def test_a_part_below_the_share_of_volume_is_removed_with_its_colours() -> None:
    left = remove_floaters(two_balls(small=0.25), least_share=0.02)  # 1/65 of the volume
    assert left.volume == pytest.approx(trimesh.creation.icosphere(3, 1.0).volume)
    assert (vertex_colors(left)[:, :3] == (255, 0, 0)).all()


def test_a_part_above_the_share_of_volume_stays() -> None:
    assert figures(remove_floaters(two_balls(small=0.3), least_share=0.02))["parts"] == 2  # 1/38


def test_the_largest_part_stays_whatever_the_share() -> None:
    assert figures(remove_floaters(two_balls(small=0.9), least_share=1.0))["parts"] == 1


def test_a_hole_is_filled_to_the_volume_before() -> None:
    whole = extract_mesh(*ball(0.5), resolution=48)
    rest = whole.vertices[whole.faces].mean(axis=1)[:, 2] < 0.4
    open_mesh = painted(trimesh.Trimesh(whole.vertices, whole.faces[rest], process=False), (9, 8, 7))
    assert len(boundary_loops(np.asarray(open_mesh.faces))) == 1
    filled = fill_holes(open_mesh)
    assert filled.is_watertight and filled.is_winding_consistent
    cap = math.pi * 0.1**2 * (3 * 0.5 - 0.1) / 3
    assert filled.volume == pytest.approx(4 / 3 * math.pi * 0.5**3 - cap, rel=0.02)
    assert tuple(vertex_colors(filled)[-1, :3]) == (9, 8, 7)


def test_a_closed_mesh_has_no_hole_to_fill() -> None:
    mesh = extract_mesh(*torus(0.45, 0.16), resolution=48)
    assert fill_holes(mesh) is mesh


def test_smoothing_takes_noise_away_and_keeps_the_volume() -> None:
    mesh = painted(trimesh.creation.icosphere(4, 1.0), (1, 2, 3))
    noise = np.random.default_rng(7).normal(0, 0.01, mesh.vertices.shape)
    rough = painted(trimesh.Trimesh(mesh.vertices + noise, mesh.faces, process=False), (1, 2, 3))
    smoothed = smooth(rough, 0.5)
    before, after = (np.linalg.norm(each.vertices, axis=1).std() for each in (rough, smoothed))
    assert after < before / 2
    assert smoothed.volume == pytest.approx(rough.volume, rel=1e-6)


def test_no_smoothing_changes_nothing() -> None:
    mesh = extract_mesh(*ball(0.5), resolution=32)
    assert smooth(mesh, 0).vertices == pytest.approx(mesh.vertices, abs=1e-9)


def test_faces_back_to_back_are_taken_away_in_pairs() -> None:
    box = trimesh.creation.box((1, 1, 1))
    vertices = np.vstack([box.vertices, [[2, 0, 0]]]).astype(np.float32)
    fin = [[0, 1, 8], [8, 1, 0]]
    found, faces = unfolded(vertices, np.vstack([fin, box.faces]).astype(np.int32))
    assert len(found) == 8 and len(faces) == len(box.faces)
    again = trimesh.Trimesh(found, faces, process=False)
    assert again.is_watertight and again.volume == pytest.approx(1)
    once = np.vstack([fin[:1], box.faces]).astype(np.int32)
    assert len(unfolded(vertices, once)[1]) == len(once)


def test_decimated_vertices_lie_on_the_isosurface_with_its_colours() -> None:
    asked = Scene(*scene())
    mesh = asked.surface(96)
    field = Isosurface(asked.raw_density, asked.colors, asked.level(25.0))
    small = decimate(mesh, 5000, field)
    points = np.asarray(small.vertices, np.float32)
    assert len(small.faces) <= 5000
    assert np.abs(asked.raw_density(points) - field.level).mean() < 1e-3
    assert (
        np.abs(asked.raw_density(np.asarray(decimate(mesh, 5000).vertices, np.float32)) - field.level).mean()
        > 5e-3
    )
    assert (vertex_colors(small)[:, :3] == asked.colors(points)).all()
    assert small.volume == pytest.approx(mesh.volume, rel=0.01)


def test_without_a_field_the_colours_are_those_of_the_nearest_vertex() -> None:
    mesh = painted(trimesh.creation.icosphere(4, 1.0), (10, 20, 30))
    assert (vertex_colors(decimate(mesh, 500)) == (10, 20, 30, 255)).all()


def test_a_mesh_that_is_small_enough_is_left_alone() -> None:
    mesh = two_balls(0.5)
    assert decimate(mesh, 1_000_000) is mesh


@pytest.mark.parametrize("target", [99, 1_000_001])
def test_a_face_count_out_of_range_names_the_limits(target: int) -> None:
    with pytest.raises(CleaningError, match=f"{target} is not from 100 to 1000000"):
        decimate(two_balls(0.5), target)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_or_strength_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(CleaningError, match=f"{share} is not from 0 to 1"):
        remove_floaters(two_balls(0.5), share)
    with pytest.raises(CleaningError, match=f"{share} is not from 0 to 1"):
        smooth(two_balls(0.5), share)


def test_figures_count_a_ball() -> None:
    found = figures(two_balls(0.5))
    assert (found["parts"], found["watertight"], found["faces"]) == (2, True, 2 * 1280)
    assert found["bounds"] == [[-1, -1, -1], [3.5, 1, 1]]
    assert found["volume"] == pytest.approx(4 / 3 * math.pi * (1 + 0.5**3), rel=0.02)


def test_an_open_mesh_has_no_volume() -> None:
    mesh = two_balls(0.5)
    found = figures(trimesh.Trimesh(mesh.vertices, mesh.faces[1:], process=False))
    assert (found["watertight"], found["volume"]) == (False, None)
