import math
import zipfile
from pathlib import Path

import lib3mf
import numpy as np
import pytest
import trimesh
from PIL import Image
from trimesh.visual import ColorVisuals, TextureVisuals

from tests.tsr.shapes import ball, scene
from tests.tsr.test_gltf import ask_khronos
from tsr import Scene, extract_mesh
from tsr.errors import TSRError
from tsr.formats import pack, write
from tsr.gltf import PictureFormat, vertex_colors
from tsr.texture import bake


def marked() -> trimesh.Trimesh:
    """A thin wedge in TripoSR's frame: corner 0 furthest to the photo's side, 1 to +Y, 2 up."""
    corners = [[1, 0, 0], [0, 2, 0], [0, 0, 3], [0, 0, 0]]
    return trimesh.Trimesh(
        corners,
        [[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]],
        vertex_colors=[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]],
        process=False,
    )


def read(path: Path) -> trimesh.Trimesh:
    mesh = trimesh.load(path, force="mesh", process=False)
    assert isinstance(mesh, trimesh.Trimesh)
    return mesh


@pytest.mark.parametrize("name", ["obj", "glb"])
def test_obj_and_glb_have_up_y_and_the_front_at_z(tmp_path: Path, name: str) -> None:
    mesh = read(write(marked(), tmp_path, "mesh", [name])[0])  # type: ignore[list-item]
    assert mesh.bounds == pytest.approx(np.array([[0, 0, 0], [2, 3, 1]]))
    assert mesh.volume == pytest.approx(1)


@pytest.mark.parametrize(("name", "unit"), [("stl", 100), ("ply", 1)])
def test_stl_and_ply_have_up_z_and_the_front_at_minus_y(tmp_path: Path, name: str, unit: float) -> None:
    mesh = read(write(marked(), tmp_path, "mesh", [name])[0])  # type: ignore[list-item]
    assert mesh.bounds == pytest.approx(np.array([[0, -1, 0], [2, 0, 3]]) * unit)
    assert mesh.volume == pytest.approx(unit**3)


def test_the_3mf_consortium_reads_a_solid_in_millimetres_and_warns_of_nothing(tmp_path: Path) -> None:
    mesh = extract_mesh(*ball(0.5), resolution=32)
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(write(mesh, tmp_path, "mesh", ["3mf"])[0]))
    assert reader.GetWarningCount() == 0 and model.GetUnit() == lib3mf.ModelUnit.MilliMeter
    assert model.GetBuildItems().Count() == 1
    solids = model.GetMeshObjects()
    assert solids.MoveNext()
    solid = solids.GetCurrentMeshObject()
    assert solid.IsManifoldAndOriented()
    vertices = [list(vertex.Coordinates) for vertex in solid.GetVertices()]
    faces = [list(triangle.Indices) for triangle in solid.GetTriangleIndices()]
    found = trimesh.Trimesh(vertices, faces, process=False)
    assert found.volume == pytest.approx(4 / 3 * math.pi * 50**3, rel=0.02)


def test_obj_and_ply_keep_vertex_colours(tmp_path: Path) -> None:
    for file in write(marked(), tmp_path, "mesh", ["ply", "obj"]):
        assert (vertex_colors(read(file)) == vertex_colors(marked())).all()


@pytest.mark.parametrize(("textures", "suffix"), [("png", "png"), ("jpeg", "jpg")])
def test_a_texture_reaches_glb_obj_and_ply(textures: PictureFormat, suffix: str, tmp_path: Path) -> None:
    asked = Scene(*scene())
    mesh = bake(asked.surface(32), asked.colors, 512)
    files = write(mesh, tmp_path, "mesh", ["glb", "obj", "ply"], {"seed": 7}, textures=textures)
    assert [file.name for file in files] == ["mesh.glb", "mesh.obj", "mesh.mtl", f"mesh.{suffix}", "mesh.ply"]
    assert Image.open(files[3]).format == textures.upper()
    issues = ask_khronos(files[0])
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0)
    wanted = asked.colors(np.asarray(mesh.vertices, np.float32)).astype(int)
    for file in (files[0], files[1], files[4]):
        visual = read(file).visual
        colors = visual.to_color() if isinstance(visual, TextureVisuals) else visual
        assert isinstance(colors, ColorVisuals)
        found = np.asarray(colors.vertex_colors)[:, :3].astype(int)
        assert np.abs(found - wanted).mean() < 4, file.name


def test_a_zip_holds_all_files_by_name(tmp_path: Path) -> None:
    files = write(marked(), tmp_path, "mesh", ["glb", "stl"])
    with zipfile.ZipFile(pack(files, tmp_path / "mesh.zip")) as archive:
        assert archive.namelist() == ["mesh.glb", "mesh.stl"]
        assert archive.read("mesh.stl") == files[1].read_bytes()


def test_an_unknown_texture_format_names_the_known_ones(tmp_path: Path) -> None:
    mesh = bake(trimesh.creation.icosphere(1), lambda points: np.zeros((len(points), 3), np.uint8), 512)
    with pytest.raises(TSRError, match="'webp' is none of png, jpeg"):
        write(mesh, tmp_path, "mesh", ["glb"], textures="webp")  # type: ignore[arg-type]


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(TSRError, match="'fbx' is none of glb, obj, stl, ply, 3mf"):
        write(marked(), tmp_path, "mesh", ["fbx"])  # type: ignore[list-item]
