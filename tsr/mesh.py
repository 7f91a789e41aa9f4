"""A scene code's surface as a mesh."""

import numpy as np
import trimesh
from torch import Tensor

from tsr.frames import turned
from tsr.network import TSR
from tsr.progress import Progress
from tsr.scene import Scene

GLTF_TURN = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])  # (X, Y, Z) = (y, z, x)


def extract_mesh(
    model: TSR,
    scene_code: Tensor,
    resolution: int = 256,
    threshold: float = 25.0,
    on_chunk: Progress | None = None,
    exact: bool = False,
) -> trimesh.Trimesh:
    """Mesh of a scene code [3, C, H, W] that is asked once; see Scene.surface.

    Raises: ResolutionError, ThresholdError, SceneCodeError."""
    return Scene(model, scene_code).surface(resolution, threshold, exact, on_chunk)


def to_gltf_frame(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """The same mesh with Y up and the photo's side at +Z; colours or texture, and normals, go with it."""
    return turned(mesh, GLTF_TURN)
