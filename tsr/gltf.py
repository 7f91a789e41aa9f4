"""Binary glTF 2.0, as viewers expect it."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.visual import ColorVisuals

FLOAT, UINT, USHORT = 5126, 5125, 5123
VERTICES, INDICES = 34962, 34963


def write_glb(mesh: trimesh.Trimesh, path: str | Path, extras: dict[str, Any] | None = None) -> None:
    """Writes a mesh that is in glTF's frame already (Y up, front +Z), with normals and vertex colours.

    sRGB vertex colours become linear, as glTF wants them; the material is plain (metallic 0, roughness 1).
    Raises: ValueError for a mesh without faces, or extras that JSON cannot hold."""
    Path(path).write_bytes(glb(mesh, extras))


def glb(mesh: trimesh.Trimesh, extras: dict[str, Any] | None = None) -> bytes:
    """The bytes of write_glb."""
    if not len(mesh.faces):
        raise ValueError("mesh: 0 faces, at least 1 is needed")
    positions = np.asarray(mesh.vertices, dtype="<f4")
    arrays = [
        (positions, "VEC3", FLOAT, VERTICES),
        (unit_normals(mesh), "VEC3", FLOAT, VERTICES),
        (linear_colors(mesh), "VEC4", USHORT, VERTICES),
        (np.asarray(mesh.faces, dtype="<u4").reshape(-1), "SCALAR", UINT, INDICES),
    ]
    views, accessors, chunks, offset = [], [], [], 0
    for number, (array, kind, component, target) in enumerate(arrays):
        data = array.tobytes()  # every element is a multiple of four bytes: no padding between
        views.append({"buffer": 0, "byteOffset": offset, "byteLength": len(data), "target": target})
        accessor = {"bufferView": number, "componentType": component, "count": len(array), "type": kind}
        accessors.append(accessor | ({"normalized": True} if component == USHORT else {}))
        chunks.append(data)
        offset += len(data)
    accessors[0] |= {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
    document = _document(views, accessors, offset, extras)
    return _container(document, b"".join(chunks))


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


def _document(
    views: list[dict[str, int]], accessors: list[dict[str, Any]], size: int, extras: dict[str, Any] | None
) -> bytes:
    attributes = {"POSITION": 0, "NORMAL": 1, "COLOR_0": 2}
    asset: dict[str, Any] = {"version": "2.0", "generator": "Maquette"}
    if extras:
        asset["extras"] = extras
    plain = {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 1.0}}
    tree = {
        "asset": asset,
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 3, "material": 0}]}],
        "materials": [plain],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": size}],
    }
    try:
        return json.dumps(tree, separators=(",", ":"), allow_nan=False).encode()
    except TypeError as error:
        raise ValueError(f"extras: {error}") from error


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
