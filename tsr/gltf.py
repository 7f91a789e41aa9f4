"""Binary glTF 2.0, as viewers expect it."""

import json
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.visual import ColorVisuals, TextureVisuals

from tsr.errors import TSRError

FLOAT, UINT, USHORT = 5126, 5125, 5123
VERTICES, INDICES = 34962, 34963
LINEAR, MIPMAPS, CLAMP = 9729, 9987, 33071

Meshes = trimesh.Trimesh | Sequence[trimesh.Trimesh]
Tree = dict[str, Any]
PictureFormat = Literal["png", "jpeg"]


def write_glb(
    meshes: Meshes, path: str | Path, extras: Tree | None = None, textures: PictureFormat = "png"
) -> None:
    """Writes meshes that are in glTF's frame already (Y up, front +Z), a node each, with normals.

    sRGB vertex colours become linear, as glTF wants them; a texture becomes the base colour. Materials are
    plain (metallic 0, roughness 1). Raises: ValueError for a mesh without faces, or extras beyond JSON."""
    Path(path).write_bytes(glb(meshes, extras, textures))


def glb(meshes: Meshes, extras: Tree | None = None, textures: PictureFormat = "png") -> bytes:
    """The bytes of write_glb."""
    listed = [meshes] if isinstance(meshes, trimesh.Trimesh) else list(meshes)
    document = Document(textures)
    for mesh in listed:
        document.add(mesh)
    return document.container(extras)


def unit_normals(mesh: trimesh.Trimesh) -> NDArray[np.float32]:
    """Vertex normals [V, 3] of length 1; where faces cancel out, up."""
    normals = np.array(mesh.vertex_normals, dtype=np.float64)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    lost = ~(lengths[:, 0] > 1e-6)
    normals[lost], lengths[lost] = (0.0, 1.0, 0.0), 1.0
    return np.asarray(normals / lengths, dtype="<f4")


def vertex_colors(mesh: trimesh.Trimesh) -> NDArray[np.uint8]:
    """sRGB vertex colours with alpha [V, 4]. Raises: ValueError where a mesh has a texture instead."""
    if not isinstance(mesh.visual, ColorVisuals):
        raise ValueError("mesh: it has no vertex colours")
    return np.asarray(mesh.visual.vertex_colors, dtype=np.uint8)


def linear_colors(mesh: trimesh.Trimesh) -> NDArray[np.uint16]:
    """Vertex colours [V, 4], sRGB bytes to linear 16 bit, so that dark tones do not band."""
    srgb = vertex_colors(mesh).astype(np.float64) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear[:, 3] = srgb[:, 3]
    return np.round(linear * 65535).astype("<u2")


def texture_of(mesh: trimesh.Trimesh) -> Image.Image:
    """The sRGB base-colour picture of a textured mesh. Raises: ValueError without one."""
    image = getattr(getattr(mesh.visual, "material", None), "baseColorTexture", None)
    if not isinstance(image, Image.Image):
        raise ValueError("mesh: its material has no base-colour texture")
    return image


class Document:
    """A glTF tree and its binary part, grown mesh by mesh."""

    def __init__(self, textures: PictureFormat = "png") -> None:
        self.textures = textures
        self.tree: Tree = {"scenes": [{"nodes": []}], "scene": 0}
        self.binary = bytearray()

    def add(self, mesh: trimesh.Trimesh) -> None:
        """One node more. Raises: ValueError for a mesh without faces or with neither colours nor texture."""
        if not len(mesh.faces):
            raise ValueError("mesh: 0 faces, at least 1 is needed")
        positions = np.asarray(mesh.vertices, dtype="<f4")
        accessor = self._array(positions, "VEC3", FLOAT, VERTICES)
        limits = {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
        self.tree["accessors"][accessor] |= limits
        attributes = {
            "POSITION": accessor,
            "NORMAL": self._array(unit_normals(mesh), "VEC3", FLOAT, VERTICES),
        }
        surface: Tree = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
        if isinstance(mesh.visual, TextureVisuals):
            places = np.asarray(mesh.visual.uv, dtype="<f4") * (1, -1) + (0, 1)  # glTF's v runs down
            attributes["TEXCOORD_0"] = self._array(places.astype("<f4"), "VEC2", FLOAT, VERTICES)
            surface["baseColorTexture"] = {"index": self._texture(texture_of(mesh))}
        else:
            attributes["COLOR_0"] = self._array(linear_colors(mesh), "VEC4", USHORT, VERTICES)
        indices = self._array(np.asarray(mesh.faces, dtype="<u4").reshape(-1), "SCALAR", UINT, INDICES)
        material = self._put("materials", {"pbrMetallicRoughness": surface})
        primitive = {"attributes": attributes, "indices": indices, "material": material}
        node = self._put("nodes", {"mesh": self._put("meshes", {"primitives": [primitive]})})
        self.tree["scenes"][0]["nodes"].append(node)

    def container(self, extras: Tree | None) -> bytes:
        """The GLB. Raises: ValueError without a mesh, or for extras beyond JSON."""
        if "meshes" not in self.tree:
            raise ValueError("meshes: 0, at least 1 is needed")
        asset: Tree = {"version": "2.0", "generator": "Maquette"} | ({"extras": extras} if extras else {})
        tree = {"asset": asset, **self.tree, "buffers": [{"byteLength": len(self.binary)}]}
        try:
            text = json.dumps(tree, separators=(",", ":"), allow_nan=False).encode()
        except TypeError as error:
            raise ValueError(f"extras: {error}") from error
        return _container(text, bytes(self.binary))

    def _put(self, kind: str, entry: Tree) -> int:
        listed: list[Tree] = self.tree.setdefault(kind, [])
        listed.append(entry)
        return len(listed) - 1

    def _view(self, data: bytes, entry: Tree) -> int:
        place = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        self.binary += data + bytes(-len(data) % 4)
        return self._put("bufferViews", place | entry)

    def _array(self, array: NDArray[Any], kind: str, component: int, target: int) -> int:
        view = self._view(array.tobytes(), {"target": target})
        accessor = {"bufferView": view, "componentType": component, "count": len(array), "type": kind}
        return self._put("accessors", accessor | ({"normalized": True} if component == USHORT else {}))

    def _texture(self, image: Image.Image) -> int:
        if "samplers" not in self.tree:
            sampler = {"magFilter": LINEAR, "minFilter": MIPMAPS, "wrapS": CLAMP, "wrapT": CLAMP}
            self._put("samplers", sampler)
        view = self._view(encoded(image, self.textures), {})
        source = self._put("images", {"bufferView": view, "mimeType": f"image/{self.textures}"})
        return self._put("textures", {"sampler": 0, "source": source})


def encoded(image: Image.Image, kind: PictureFormat) -> bytes:
    """A texture's bytes: PNG packed lightly, since a side of 4096 would otherwise take seconds, or JPEG.

    Raises: TSRError for another kind."""
    if kind not in get_args(PictureFormat):
        raise TSRError(f"texture format: {kind!r} is none of {', '.join(get_args(PictureFormat))}")
    stream = BytesIO()
    if kind == "png":
        image.convert("RGB").save(stream, "PNG", compress_level=4)
    else:  # without subsampling, which would smear the colours of small charts into each other
        image.convert("RGB").save(stream, "JPEG", quality=90, subsampling=0)
    return stream.getvalue()


def _container(document: bytes, binary: bytes) -> bytes:
    document += b" " * (-len(document) % 4)
    total = 12 + 8 + len(document) + 8 + len(binary)
    header = struct.pack("<4sII", b"glTF", 2, total)
    return (
        header
        + struct.pack("<I4s", len(document), b"JSON")
        + document
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + binary
    )
