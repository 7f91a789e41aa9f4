"""A finished mesh going round once, as a film."""

from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import trimesh
from numpy.typing import NDArray

from tsr.preview import Studio
from tsr.viewpoint import Viewpoint

ELEVATION_DEG = 15.0
BACKGROUND = 255.0


def write_turntable(
    mesh: trimesh.Trimesh,
    path: Path,
    views: int = 30,
    size: int = 256,
    seconds: float = 3.0,
    on_view: Callable[[int, int], None] | None = None,
) -> None:
    """Writes MP4 (H.264, yuv420p) of a mesh in TripoSR's frame on white, starting at the photo's side.

    on_view(done, total) may raise to cancel; then no file stays. Raises: ValueError for a bad number."""
    if views < 2 or size < 16 or size % 2 or not seconds > 0:
        raise ValueError(
            f"turntable: {views} views, {size} pixels, {seconds} s; it needs 2, an even 16, above 0"
        )
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    writer = imageio_ffmpeg.write_frames(
        str(part),
        (size, size),
        fps=views / seconds,
        codec="libx264",
        pix_fmt_out="yuv420p",
        macro_block_size=2,
        output_params=["-crf", "18", "-preset", "veryfast", "-movflags", "+faststart"],
    )
    try:
        writer.send(None)
        for number, frame in enumerate(frames(mesh, views, size), 1):
            writer.send(np.ascontiguousarray(frame))
            if on_view:
                on_view(number, views)
        writer.close()
        part.replace(path)
    finally:
        writer.close()
        part.unlink(missing_ok=True)


def frames(mesh: trimesh.Trimesh, views: int, size: int) -> Iterator[NDArray[np.uint8]]:
    """RGB [size, size, 3] on white from evenly spaced azimuths, the first from the photo's side."""
    studio = Studio(mesh)
    for number in range(views):
        rgba = studio.draw(Viewpoint(360 * number / views, ELEVATION_DEG), size).astype(np.float32)
        alpha = rgba[..., 3:] / 255
        yield (rgba[..., :3] * alpha + BACKGROUND * (1 - alpha)).round().astype(np.uint8)
