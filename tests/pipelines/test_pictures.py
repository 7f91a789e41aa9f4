import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import Code, MaquetteError
from pipelines.pictures import FORMATS, keep_input, open_picture, resolve

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def noise(width: int = 64, height: int = 48) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and then has nothing."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunks
        + struct.pack(">I", 0)
        + b"IDAT"
        + struct.pack(">I", zlib.crc32(b"IDAT"))
    )


def refusal(path: Path, code: Code) -> str:
    with pytest.raises(MaquetteError) as caught:
        open_picture(path, max_pixels=10_000, max_bytes=50_000)
    assert caught.value.code == code
    assert str(path.parent) not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("name", [*FORMATS, "MPO"])
def test_every_known_format_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "picture"
    Image.new("RGB", (32, 16), "red").save(path, name)
    assert open_picture(path).size == (32, 16)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    assert "0 bytes" in refusal(path, "BAD_IMAGE")


@pytest.mark.parametrize(
    "content", [b"no picture at all", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", b"GIF89a", bytes(500)]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    refusal(path, "BAD_IMAGE")


@pytest.mark.parametrize("content", [SVG, b"  \n<SVG width='1'/>", b"<!-- drawn --><svg/>"])
def test_an_svg_is_refused_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert "export it as PNG" in refusal(path, "BAD_IMAGE")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp", "tiff"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_picture_is_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a.{suffix}"
    noise().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refusal(path, "BAD_IMAGE")


def test_a_corrupt_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    noise().save(path)
    content = bytearray(path.read_bytes())
    content[60:400] = bytes(340)
    path.write_bytes(content)
    refusal(path, "BAD_IMAGE")


@pytest.mark.parametrize("side", [101, 20_000, 100_000])
def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, side: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_header(side, side))
    assert "10,000" in refusal(path, "TOO_LARGE")


def test_too_many_bytes_are_refused_with_value_and_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(bytes(50_001))
    message = refusal(path, "TOO_LARGE")
    assert "50,001" in message and "50,000" in message


def test_a_picture_of_a_few_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    noise(7, 40).save(path)
    assert "7 x 40" in refusal(path, "BAD_IMAGE")


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    refusal(tmp_path / "a.png", "NOT_FOUND")


def test_exif_orientation_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    noise(64, 48).save(path, exif=exif)
    assert open_picture(path).size == (48, 64)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("RGB", "RGB"),
        ("L", "RGB"),
        ("1", "RGB"),
        ("P", "RGB"),
        ("CMYK", "RGB"),
        ("RGBA", "RGBA"),
        ("LA", "RGBA"),
    ],
)
def test_every_mode_becomes_rgb_or_rgba(tmp_path: Path, mode: str, expected: str) -> None:
    path = tmp_path / "a.tiff"
    noise().convert(mode).save(path)
    assert open_picture(path).mode == expected


@pytest.mark.parametrize("most", [1, 255])
def test_grey_in_floats_keeps_its_brightness(tmp_path: Path, most: int) -> None:
    path = tmp_path / "x.tiff"
    levels = np.linspace(0, most, 256, dtype=np.float32).reshape(16, 16)
    Image.fromarray(levels).save(path)
    read = np.asarray(open_picture(path).convert("L")).ravel()
    assert np.abs(read.astype(int) - np.arange(256)).max() <= 1


def test_sixteen_bit_grey_keeps_its_brightness(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((16, 16), 257 * 100, dtype=np.uint16)).save(path)
    assert open_picture(path).getpixel((3, 3)) == (100, 100, 100)


def test_a_kept_picture_may_be_a_larger_file_than_the_one_that_was_sent(tmp_path: Path) -> None:
    size = 2700, 2700
    kept = resolve(keep_input(noise(*size), tmp_path), tmp_path)
    assert kept.stat().st_size > 20 * 2**20
    assert open_picture(kept).size == size


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    red, blue = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    red.save(path, save_all=True, append_images=[blue])
    assert open_picture(path).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_the_same_picture_is_kept_once(tmp_path: Path) -> None:
    first, again = keep_input(noise(), tmp_path), keep_input(noise(), tmp_path)
    assert first == again
    assert [path.name for path in (tmp_path / "inputs").iterdir()] == [first.removeprefix("inputs/")]
    assert list(open_picture(resolve(first, tmp_path)).tobytes()) == list(noise().tobytes())


@pytest.mark.parametrize(
    "reference",
    [
        "/etc/passwd",
        "../x.png",
        "inputs/../maquette.db",
        "artifacts/../../x.png",
        "artifacts/a/../b.png",
        "",
        "inputs",
    ],
)
def test_paths_are_no_references(tmp_path: Path, reference: str) -> None:
    with pytest.raises(MaquetteError) as caught:
        resolve(reference, tmp_path)
    assert caught.value.code == "BAD_REQUEST"


def test_a_reference_to_nothing_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(MaquetteError) as caught:
        resolve("artifacts/key/image-0.png", tmp_path)
    assert caught.value.code == "NOT_FOUND"


def test_a_link_out_of_the_data_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    noise().save(outside)
    folder = tmp_path / "data" / "artifacts" / "key"
    folder.mkdir(parents=True)
    (folder / "image-0.png").symlink_to(outside)
    with pytest.raises(MaquetteError) as caught:
        resolve("artifacts/key/image-0.png", tmp_path / "data")
    assert caught.value.code == "NOT_FOUND"
