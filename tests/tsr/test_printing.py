import math
from pathlib import Path

import numpy as np
import pytest
import trimesh

from tests.tsr.shapes import ball, scene
from tsr import extract_mesh
from tsr.errors import PrintError
from tsr.formats import write
from tsr.printing import printable


def gray(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(mesh.vertices, mesh.faces, vertex_colors=[99, 99, 99], process=False)


def test_a_ball_stands_on_its_base_at_the_height_asked() -> None:
    found = printable(extract_mesh(*ball(0.5), resolution=64), height_mm=98.0)
    assert found.watertight and found.mesh.is_watertight
    assert found.mesh.bounds[:, 2] == pytest.approx([0, 98], abs=1e-3)
    # 2 of 100 mm cut off: the base is a disc of radius sqrt(2 * 50 * 2 - 2^2)
    base = np.abs(found.mesh.triangles[:, :, 2]).max(axis=1) < 1e-3
    assert found.mesh.area_faces[base].sum() == pytest.approx(math.pi * 196, rel=0.05)
    cap = math.pi * 2**2 * (3 * 50 - 2) / 3
    assert found.volume_cm3 == pytest.approx((4 / 3 * math.pi * 50**3 - cap) / 1000, rel=0.01)


def test_the_mass_is_volume_times_density() -> None:
    found = printable(gray(trimesh.creation.box((1, 1, 1))), 20.0, density_g_cm3=2.0, flat_base=False)
    assert found.volume_cm3 == pytest.approx(8)
    assert found.mass_g == pytest.approx(16)
    assert found.size_mm == pytest.approx((20, 20, 20))


def test_overlapping_parts_become_one_solid() -> None:
    boxes = [trimesh.creation.box((1, 1, 1)), trimesh.creation.box((1, 1, 1))]
    boxes[1].apply_translation([0.5, 0.25, 0.1])
    both = trimesh.util.concatenate(boxes)
    assert isinstance(both, trimesh.Trimesh)
    found = printable(gray(both), 11.0, flat_base=False)
    assert found.verdict == "Watertight: ready to print."
    assert found.volume_cm3 == pytest.approx(2 - 0.5 * 0.75 * 0.9)


def test_a_closed_hollow_is_filled_and_told() -> None:
    outer, inner = trimesh.creation.box((1, 1, 1)), trimesh.creation.box((0.5, 0.5, 0.5))
    inner.invert()
    hollow = trimesh.util.concatenate([outer, inner])
    assert isinstance(hollow, trimesh.Trimesh)
    found = printable(gray(hollow), 10.0, flat_base=False)
    assert found.watertight and found.volume_cm3 == pytest.approx(1)
    assert found.verdict == "Watertight: ready to print. Closed hollows inside, filled: 1."


def test_separate_parts_are_told() -> None:
    found = printable(extract_mesh(*scene(), resolution=64), 100.0)
    assert found.watertight and "2 separate parts" in found.verdict


def test_a_hole_is_closed_before_printing() -> None:
    box = trimesh.creation.box((1, 1, 1))
    found = printable(
        gray(trimesh.Trimesh(box.vertices, box.faces[1:], process=False)), 10.0, flat_base=False
    )
    assert found.watertight and found.volume_cm3 == pytest.approx(1)


def test_a_shape_that_cannot_be_closed_gets_a_clear_verdict() -> None:
    box = trimesh.creation.box((1, 1, 1))
    fin = trimesh.Trimesh(box.vertices, np.vstack([box.faces, [0, 1, 7]]), process=False)
    found = printable(gray(fin), 10.0)
    assert (found.watertight, found.volume_cm3, found.mass_g) == (False, None, None)
    assert found.verdict.startswith("Not watertight:") and "edges" in found.verdict


@pytest.mark.parametrize("height", [0.0, 4.9, 2000.1, math.nan])
def test_a_height_out_of_range_names_the_limits(height: float) -> None:
    with pytest.raises(PrintError, match=f"{height} mm is not from 5 to 2000 mm"):
        printable(gray(trimesh.creation.box((1, 1, 1))), height)


def test_a_density_must_be_above_nothing() -> None:
    with pytest.raises(PrintError, match="-1.0 g/cm3"):
        printable(gray(trimesh.creation.box((1, 1, 1))), 10.0, density_g_cm3=-1.0)


def test_what_touches_itself_along_an_edge_is_read_as_one_closed_solid(tmp_path: Path) -> None:
    boxes = [trimesh.creation.box((1, 1, 1)), trimesh.creation.box((1, 1, 1))]
    boxes[1].apply_translation([1, 1, 0])
    both = trimesh.util.concatenate(boxes)
    assert isinstance(both, trimesh.Trimesh)
    found = printable(gray(both), 10.0, flat_base=False)
    assert found.watertight and found.volume_cm3 == pytest.approx(2, rel=1e-3)
    (file,) = write(found.mesh, tmp_path, "print", ["stl"], mm_per_unit=1.0)
    read = trimesh.load_mesh(file)
    assert len(read.vertices) == len(found.mesh.vertices)
    assert read.is_watertight
