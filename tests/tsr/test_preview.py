import math
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import trimesh

from tests.tsr.shapes import ball, scene, torus
from tsr import Scene, extract_mesh
from tsr.preview import Studio, preview
from tsr.raster import interpolate, rasterise, spread
from tsr.turntable import write_turntable
from tsr.viewpoint import Viewpoint


def test_a_triangle_covers_the_pixels_whose_centres_it_holds() -> None:
    corners = np.array([[0, 0, 1], [4, 0, 1], [0, 4, 1]], np.float32)
    raster = rasterise(corners, np.array([[0, 1, 2]], np.int32), 4, 4)
    rows, columns = np.mgrid[0:4, 0:4] + 0.5
    assert (raster.covered == (rows + columns <= 4)).all()


def test_either_winding_is_drawn_and_the_nearer_face_wins() -> None:
    corners = np.array([[0, 0, 1], [9, 0, 1], [0, 9, 1], [0, 0, 2], [0, 9, 2], [9, 0, 2]], np.float32)
    faces = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    for order in (faces, faces[::-1]):
        shown = order[rasterise(corners, np.ascontiguousarray(order), 4, 4).face[1, 1]]
        assert shown.tolist() == [3, 4, 5]


def test_values_are_interpolated_in_perspective() -> None:
    # halfway on the screen between depths 1 and 3 lies depth 1.5: a quarter of the way
    corners = np.array([[0, -9, 1], [1, 0.5, 1 / 3], [0, 10, 1]], np.float32)
    faces = np.array([[0, 1, 2]], np.int32)
    raster = rasterise(corners, faces, 1, 1)
    assert interpolate(raster, faces, np.array([[0.0], [1.0], [0.0]]))[0, 0] == pytest.approx(0.25, abs=1e-5)


def test_padding_spreads_the_nearest_colours() -> None:
    image, covered = np.zeros((1, 9, 3), np.uint8), np.zeros((1, 9), bool)
    image[0, 0], covered[0, 0] = (200, 100, 50), True
    spread(image, covered, 4)
    assert image[0, :, 0].tolist() == [200] * 5 + [0] * 4


def test_the_outline_is_the_volume_renderers() -> None:
    model, code = scene()
    mesh = Scene(model, code).surface(96)
    for number, azimuth in enumerate((0, 120, 240)):
        drawn = Studio(mesh).draw(Viewpoint(azimuth, 15.0), 64)[..., 3] > 127
        if number == 0:
            views = model.render(code, 3, 15.0, 64, 64).numpy()
        volume = (views[number] < 0.65).any(axis=-1)  # past the haze around the surface
        overlap = (drawn & volume).sum() / (drawn | volume).sum()
        assert overlap > 0.88


def test_a_balls_outline_has_its_radius() -> None:
    alpha = np.asarray(preview(extract_mesh(*ball(0.5), resolution=96), 128))[..., 3] / 255
    tangent = 0.5 / math.sqrt(1.9**2 - 0.5**2)
    radius = tangent / math.tan(math.radians(20)) * 64
    assert alpha.sum() == pytest.approx(math.pi * radius**2, rel=0.01)


def test_the_front_shows_the_colours_of_the_photos_side() -> None:
    picture = Studio(extract_mesh(*ball(0.5), resolution=64)).draw(Viewpoint(), 64).astype(float)
    back = Studio(extract_mesh(*ball(0.5), resolution=64)).draw(Viewpoint(180.0), 64).astype(float)
    assert picture[32, 32, 0] > 3 * back[32, 32, 0]  # red grows with x
    assert picture[32, 45, 1] > 1.5 * picture[32, 19, 1]  # green with y, which is to the right
    assert picture[19, 32, 2] > 1.5 * picture[45, 32, 2]  # blue with z, upward


def test_a_mesh_without_faces_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="0 faces"):
        preview(trimesh.Trimesh())


def test_a_turntable_is_h264_that_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "turntable.mp4"
    write_turntable(extract_mesh(*torus(0.45, 0.16), resolution=32), path, views=6, size=64, seconds=1.0)
    reader = imageio_ffmpeg.read_frames(str(path))
    facts = next(reader)
    frames = [np.frombuffer(frame, np.uint8).reshape(64, 64, 3) for frame in reader]
    assert (facts["codec"], facts["size"], facts["duration"]) == ("h264", (64, 64), pytest.approx(1.0))
    assert facts["pix_fmt"].startswith("yuv420p")
    assert len(frames) == 6
    assert (frames[0][0, 0] > 250).all() and (frames[0] < 200).any()
    assert [each.name for each in tmp_path.iterdir()] == ["turntable.mp4"]


def test_a_cancelled_turntable_leaves_no_file(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_turntable(extract_mesh(*ball(0.5), resolution=32), tmp_path / "t.mp4", 6, 64, on_view=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("views", "size"), [(1, 64), (6, 63), (6, 8)])
def test_a_turntable_that_cannot_be_is_refused(tmp_path: Path, views: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"{views} views, {size} pixels"):
        write_turntable(extract_mesh(*ball(0.5), resolution=32), tmp_path / "t.mp4", views, size)
