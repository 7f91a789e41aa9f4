"""TripoSR: a picture to a triplane, a triplane to a mesh."""

from tsr.config import TSRConfig
from tsr.gltf import write_glb
from tsr.mesh import extract_mesh, to_gltf_frame
from tsr.network import TSR
from tsr.scene import Scene, load_scene_code, save_scene_code
from tsr.triplane import Field

__all__ = [
    "TSR",
    "Field",
    "Scene",
    "TSRConfig",
    "extract_mesh",
    "load_scene_code",
    "save_scene_code",
    "to_gltf_frame",
    "write_glb",
]
