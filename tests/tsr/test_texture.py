import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image

from tests.memory import STATUS
from tests.tsr.shapes import RADIUS, ball, scene
from tests.tsr.test_gltf import ask_khronos
from tsr import Scene, extract_mesh, to_gltf_frame, write_glb
from tsr.errors import PhotoError, TextureError
from tsr.gltf import texture_of
from tsr.photo import Photo, overlap
from tsr.preview import Studio, lookup
from tsr.texture import bake
from tsr.viewpoint import Viewpoint

ROOT = Path(__file__).parents[2]


def by_place(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Red, green, blue grow with x, y, z."""
    return np.asarray(255 / (1 + np.exp(-4 * points / RADIUS))).round().astype(np.uint8)


def black(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.zeros((len(points), 3), np.uint8)


def front_of(mesh: trimesh.Trimesh, size: int = 256, elevation: float = 0.0) -> Image.Image:
    """A white photo of the mesh from its front, transparent around it."""
    rgba = Studio(mesh).draw(Viewpoint(0.0, elevation), size)
    rgba[..., :3] = 255
    return Image.fromarray(rgba)


def colors_on(mesh: trimesh.Trimesh) -> NDArray[np.float32]:
    """The texture's colours at the middles of the faces."""
    uv = np.asarray(mesh.visual.uv, np.float32)[mesh.faces].mean(axis=1)  # type: ignore[union-attr]
    return lookup(np.asarray(texture_of(mesh)), uv)


def test_a_texture_has_the_fields_colour_everywhere_on_the_surface() -> None:
    baked = bake(extract_mesh(*ball(0.5), resolution=32), by_place, 512)
    expected = by_place(np.asarray(baked.triangles_center, np.float32)).astype(float)
    assert np.abs(colors_on(baked) - expected).max() < 4


def test_only_covered_texels_are_asked() -> None:
    asked: list[int] = []

    def counting(points: NDArray[np.float32]) -> NDArray[np.uint8]:
        assert np.abs(np.linalg.norm(points, axis=1) - 0.5).max() < 0.02
        asked.append(len(points))
        return by_place(points)

    bake(extract_mesh(*ball(0.5), resolution=32), counting, 512)
    assert 0.3 < sum(asked) / 512**2 < 0.95


def test_seams_are_padded_so_that_no_filter_mixes_the_ground_in() -> None:
    baked = bake(extract_mesh(*ball(0.5), resolution=32), by_place, 512)
    uv = np.asarray(baked.visual.uv, np.float32)  # type: ignore[union-attr]
    expected = by_place(np.asarray(baked.vertices, np.float32)).astype(float)
    assert np.abs(lookup(np.asarray(texture_of(baked)), uv) - expected).max() < 8


def test_normals_are_smooth_across_seams() -> None:
    baked = bake(extract_mesh(*ball(0.5), resolution=32), by_place, 512)
    outward = baked.vertices / np.linalg.norm(baked.vertices, axis=1, keepdims=True)
    for mesh, direction in ((baked, outward), (to_gltf_frame(baked), outward[:, [1, 2, 0]])):
        assert np.einsum("nd,nd->n", mesh.vertex_normals, direction).min() > 0.99


def test_the_khronos_validator_finds_nothing_in_textured_and_plain_meshes_together(tmp_path: object) -> None:
    path = f"{tmp_path}/scene.glb"
    plain = extract_mesh(*ball(0.5), resolution=24)
    write_glb([to_gltf_frame(bake(plain, by_place, 512)), to_gltf_frame(plain)], path)
    issues = ask_khronos(path)  # type: ignore[arg-type]
    assert (issues["numErrors"], issues["numWarnings"], issues["messages"]) == (0, 0, [])


def test_a_photo_covers_what_it_sees_and_the_field_the_rest() -> None:
    mesh = extract_mesh(*ball(0.5), resolution=48)
    photo = Photo.framed(front_of(mesh), 0.73)  # the ball's share of the camera's square
    baked = bake(mesh, black, 512, photo)
    brightness = colors_on(baked).mean(axis=1)
    cosine = baked.triangles_center[:, 0] / 0.5
    assert (brightness[cosine > 0.85] > 250).all()
    assert (brightness[cosine < 0.2] < 5).all()


def test_the_photo_does_not_reach_what_is_hidden_behind_something() -> None:
    near, far = trimesh.creation.icosphere(4, 0.2), trimesh.creation.box((0.05, 0.8, 0.8))
    near.apply_translation([0.4, 0, 0])
    far.apply_translation([-0.3, 0, 0])
    both = trimesh.util.concatenate([near, far.subdivide().subdivide().subdivide().subdivide()])
    assert isinstance(both, trimesh.Trimesh)
    mesh = trimesh.Trimesh(both.vertices, both.faces, vertex_colors=[90, 90, 90], process=False)
    rgba = Studio(mesh).draw(Viewpoint(), 256)
    rgba[..., :3] = 255
    baked = bake(mesh, black, 512, Photo(rgba))
    brightness, centres = colors_on(baked).mean(axis=1), baked.triangles_center
    plate = np.abs(centres[:, 0] + 0.275) < 1e-3
    shadow = plate & (np.hypot(centres[:, 1], centres[:, 2]) < 0.25)  # the ball hides a disc of about 0.29
    free = plate & (np.abs(np.hypot(centres[:, 1], centres[:, 2]) - 0.345) < 0.01)
    assert shadow.any() and (brightness[shadow] < 5).all()
    assert free.any() and (brightness[free] > 200).all()


def test_scale_shift_and_elevation_are_found() -> None:
    mesh = Scene(*scene()).surface(64)
    square = front_of(mesh, 300, elevation=20.0)
    canvas = Image.new("RGBA", (400, 400))
    canvas.paste(square, (60, 30))
    found = Photo(np.asarray(canvas)).aligned(mesh).fit
    assert found.view.elevation_deg == 20
    assert found.scale == pytest.approx(0.75, abs=0.01)
    assert found.shift == pytest.approx(((60 + 150) / 400 - 0.5, (30 + 150) / 400 - 0.5), abs=0.01)
    assert found.overlap > 0.95


def test_a_photo_of_something_else_is_refused_with_how_much_it_overlaps() -> None:
    mesh = extract_mesh(*ball(0.5), resolution=32)
    cross = np.zeros((100, 100, 4), np.uint8)
    cross[45:55, 5:95] = cross[5:95, 45:55] = 255
    with pytest.raises(PhotoError, match=r"overlap by \d+\.\d%, 70% is needed"):
        bake(mesh, black, 512, Photo(cross))


def test_an_empty_photo_is_refused() -> None:
    with pytest.raises(PhotoError, match="nothing in it is visible"):
        Photo.framed(Image.new("RGBA", (32, 32)))


def test_a_framed_photo_has_the_object_centred_at_its_ratio() -> None:
    picture = Image.new("RGBA", (300, 200))
    picture.paste((9, 9, 9, 255), (10, 20, 90, 60))
    alpha = Photo.framed(picture, 0.8).pixels[..., 3] > 0
    assert alpha.shape == (100, 100)
    assert np.flatnonzero(alpha.any(axis=0))[[0, -1]].tolist() == [10, 89]
    assert np.flatnonzero(alpha.any(axis=1))[[0, -1]].tolist() == [30, 69]


def test_overlap_is_intersection_over_union() -> None:
    mask, outline = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    mask[:, :4], outline[:, 2:6] = True, True
    assert overlap(mask, outline, 1.0, np.zeros(2)) == pytest.approx(1 / 3)
    assert overlap(mask, outline, 1.0, np.array([0.25, 0.0])) == 1.0


@pytest.mark.parametrize("size", [0, 500, 8192])
def test_a_texture_size_out_of_reach_names_the_sizes(size: int) -> None:
    with pytest.raises(TextureError, match=f"{size} is none of 512, 1024, 2048, 4096"):
        bake(extract_mesh(*ball(0.5), resolution=32), by_place, size)


CROWDED = """
import resource, numba, numpy, trimesh
from pathlib import Path
from tsr.texture import bake
def colors(points):
    return numpy.zeros((len(points), 3), numpy.uint8)
bake(trimesh.creation.icosphere(1), colors, 512)
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + 300 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    bake(trimesh.creation.icosphere(1), colors, 4096)
except MemoryError as error:
    print(type(error).__name__, error)
bake(trimesh.creation.icosphere(1), colors, 512)
print("and 512 still works")
"""


@pytest.mark.skipif(not STATUS.exists(), reason="memory is limited as Linux does it")
def test_a_texture_of_4096_without_room_tells_how_much_it_needs() -> None:
    command = [sys.executable, "-c", CROWDED]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    refusal = "RoomError texture size: 4096 needs about 960 MiB, and they are not free"
    assert found.stdout.splitlines() == [refusal, "and 512 still works"], found.stderr
