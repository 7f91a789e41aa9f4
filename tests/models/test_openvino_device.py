"""Where OpenVINO computes: an Intel GPU that works, else the processor; only the user is told."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from models.errors import MaquetteError
from models.openvino_engine import import_openvino, pick_openvino
from models.runtime import Runtime, pick_runtime
from models.store import ModelStore

ROOT = Path(__file__).parent.parent.parent
EXACT = Runtime(torch.device("cpu"), torch.float32, "a test")


class CoreWithGpu:
    """OpenVINO's core beside an Intel GPU, which is the processor and takes so many networks."""

    def __init__(self, takes: int) -> None:
        self.core = import_openvino().Core()
        self.takes = takes
        self.available_devices = ["CPU", "GPU.0"]

    def get_property(self, place: str, name: str) -> Any:
        if place == "CPU":
            return self.core.get_property(place, name)
        return {"FULL_DEVICE_NAME": "Intel Arc", "OPTIMIZATION_CAPABILITIES": ["FP32", "FP16"]}[name]

    def read_model(self, path: Path) -> Any:
        return self.core.read_model(path)

    def compile_model(self, model: Any, place: str, options: dict[str, Any]) -> Any:
        if place == "CPU":
            return self.core.compile_model(model, place, options)
        self.takes -= 1
        if self.takes < 0:
            raise RuntimeError("Exception from src/core.cpp:1:\n[GPU] CL_OUT_OF_RESOURCES\n")
        return self.core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def test_without_an_intel_gpu_the_cpu_draws_and_the_user_is_told() -> None:
    runtime = pick_runtime("openvino")
    told = runtime.told("image")
    assert told.device == "openvino CPU"
    assert "OpenVINO on CPU" in told.reason and "float" in told.reason
    assert told.notes == ("OpenVINO draws on the CPU: it finds no Intel GPU here.",)
    assert runtime.told("mesh").device == "cpu"
    assert runtime.told("mesh").notes == ()


def test_an_intel_gpu_is_preferred_and_needs_no_note() -> None:
    core: Any = CoreWithGpu(takes=99)
    found = pick_openvino("float32", core)
    assert (found.name, found.note) == ("openvino GPU", "")
    assert "Intel Arc" in found.reason


def test_an_intel_gpu_that_fails_a_trial_is_told_with_its_reason() -> None:
    core: Any = CoreWithGpu(takes=0)
    found = pick_openvino("auto", core)
    assert found.name == "openvino CPU"
    assert (
        found.note == "OpenVINO draws on the CPU: the Intel GPU failed a trial ([GPU] CL_OUT_OF_RESOURCES)."
    )


def test_a_gpu_that_refuses_the_model_gives_way_to_the_cpu(
    pipeline: Any, starter_dir: Path, data_dir: Path
) -> None:
    assert pipeline.unet.place == "openvino CPU"
    core: Any = CoreWithGpu(takes=1)
    runtime = replace(EXACT, openvino=pick_openvino("float32", core))
    store = ModelStore(runtime, data_dir, offline=True, starter_dir=starter_dir)
    assert store.runtime.told("image").device == "openvino GPU"
    drawn: Any = store.image_pipeline("starter")
    assert drawn.unet.place == store.runtime.told("image").device == "openvino CPU"
    assert "did not take the model" in store.runtime.told("image").notes[0]


def test_a_precision_that_the_processor_has_not_is_not_claimed() -> None:
    core: Any = import_openvino().Core()
    if "FP16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor computes in float16")
    found = pick_openvino("float16", core)
    assert found.precision != "f16"
    assert "float16 is not to be had here" in found.reason


def test_weights_of_eight_bits_are_for_openvino_only() -> None:
    with pytest.raises(MaquetteError, match="dtype: 'int8' is for the device 'openvino' only") as caught:
        pick_runtime("cpu", "int8")
    assert caught.value.code == "BAD_REQUEST"


SPEAK = """
import json, sys
from pathlib import Path
if sys.argv[3] == "absent":
    sys.modules["openvino"] = None
from models.errors import MaquetteError
from models.runtime import pick_runtime
from models.store import ModelStore
try:
    runtime = pick_runtime("openvino", "int8")
    ModelStore(runtime, Path(sys.argv[1]), offline=True, starter_dir=Path(sys.argv[2])).warm_up("starter")
    print(json.dumps(["done", runtime.openvino.name]))
except MaquetteError as error:
    print(json.dumps([error.code, error.message]))
"""


def spoken(starter_dir: Path, tmp_path: Path, how: str) -> list[str]:
    """What a process of its own says, whose user has an empty home."""
    (tmp_path / "home").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", SPEAK, str(tmp_path / "data"), str(starter_dir), how],
        cwd=ROOT,
        env=os.environ | {"HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"} | {"CI": ""},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    answer: list[str] = json.loads(ran.stdout)
    return answer


def test_without_the_package_the_remedy_is_told(starter_dir: Path, tmp_path: Path) -> None:
    code, message = spoken(starter_dir, tmp_path, "absent")
    assert code == "BAD_REQUEST"
    assert "pip install -r requirements-openvino.txt" in message


@pytest.mark.slow
def test_nothing_is_noted_about_the_user_and_nothing_but_the_answer_is_printed(
    starter_dir: Path, tmp_path: Path
) -> None:
    assert spoken(starter_dir, tmp_path, "present") == ["done", "openvino CPU"]
    assert list((tmp_path / "home").rglob("*intel*")) == []  # where its telemetry keeps who one is
