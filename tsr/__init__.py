"""TripoSR: a picture to a triplane, a triplane to a mesh."""

from tsr.config import TSRConfig
from tsr.gltf import write_glb
from tsr.mesh import extract_mesh, to_gltf_frame
from tsr.network import TSR
from tsr.triplane import Field

__all__ = ["TSR", "Field", "TSRConfig", "extract_mesh", "to_gltf_frame", "write_glb"]
