import subprocess
import sys
from pathlib import Path

import pytest

from tests.memory import STATUS

ROOT = Path(__file__).parent.parent.parent
WORK = """
from tests.memory import peak_mib
from tests.tsr.shapes import scene
from tsr import extract_mesh
model, code = scene()
extract_mesh(model, code, resolution=32)
before = peak_mib()
mesh = extract_mesh(model, code, resolution=512)
print(len(mesh.vertices), peak_mib() - before)
"""


@pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc")
def test_a_mesh_at_512_needs_less_than_one_and_a_half_gib() -> None:
    command = [sys.executable, "-c", WORK]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=240)
    vertices, mib = found.stdout.split()
    assert int(vertices) > 400_000
    assert 200 < float(mib) < 1536  # its grid of float32 alone is up to 512 MiB
