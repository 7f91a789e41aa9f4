"""LoRAs around the miniature model, its weights plain in float32 and packed in bfloat16."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file
from torch import Tensor

from models.errors import MaquetteError
from models.loras import Loras, take_off, wear
from models.packing import PackedLinear
from models.runtime import Runtime
from models.store import ModelStore
from tests.models.latents import latents_of
from tests.models.lora_files import make_lora, wider_unet

DTYPES = {"plain": torch.float32, "packed": torch.bfloat16}


@pytest.fixture(params=DTYPES)
def pipeline(request: pytest.FixtureRequest, starter_dir: Path, tmp_path: Path) -> Any:
    runtime = Runtime(torch.device("cpu"), DTYPES[request.param], "a test")
    return ModelStore(runtime, tmp_path, offline=True, starter_dir=starter_dir).image_pipeline("starter")


@pytest.fixture
def files(pipeline: Any, starter_dir: Path, tmp_path: Path) -> list[Path]:
    plain = StableDiffusionPipeline.from_pretrained(starter_dir / "pictures", safety_checker=None)
    layouts: list[Literal["diffusers", "kohya"]] = ["diffusers", "kohya"]
    return [
        make_lora(tmp_path / "loras" / f"{layout}.safetensors", plain.unet, layout, seed)
        for seed, layout in enumerate(layouts)
    ]


def test_a_lora_draws_as_diffusers_own_and_leaves_no_trace(
    pipeline: Any, files: list[Path], starter_dir: Path
) -> None:
    before = latents_of(pipeline, 3, prompt="a red mushroom")
    wear(pipeline, {files[0]: 0.8, files[1]: -0.5})
    worn = latents_of(pipeline, 3, prompt="a red mushroom")
    own = StableDiffusionPipeline.from_pretrained(
        starter_dir / "pictures", safety_checker=None, dtype=pipeline.unet.dtype
    )
    for name, path in zip("ab", files, strict=True):
        own.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=name)
    own.set_adapters(["a", "b"], [0.8, -0.5])
    close = 1e-5 if pipeline.unet.dtype is torch.float32 else 0.15
    assert float((worn - latents_of(own, 3, prompt="a red mushroom")).abs().max()) < close * float(
        worn.abs().max()
    )
    assert not torch.equal(worn, before)
    take_off(pipeline)
    assert torch.equal(latents_of(pipeline, 3, prompt="a red mushroom"), before)


def test_the_base_stays_packed_under_a_lora(starter_dir: Path, tmp_path: Path) -> None:
    runtime = Runtime(torch.device("cpu"), torch.bfloat16, "a test")
    pipeline: Any = ModelStore(runtime, tmp_path, offline=True, starter_dir=starter_dir).image_pipeline(
        "starter"
    )
    plain = StableDiffusionPipeline.from_pretrained(starter_dir / "pictures", safety_checker=None)
    packed = sum(isinstance(layer, PackedLinear) for layer in pipeline.unet.modules())
    wear(pipeline, {make_lora(tmp_path / "a.safetensors", plain.unet): 1.0})
    assert sum(isinstance(layer, PackedLinear) for layer in pipeline.unet.modules()) == packed > 0


def test_another_strength_needs_no_loading_and_another_file_takes_its_place(
    pipeline: Any, files: list[Path]
) -> None:
    wear(pipeline, {files[0]: 1.0})
    adapters = pipeline.get_list_adapters()
    strong = latents_of(pipeline, 3, prompt="a red mushroom")
    wear(pipeline, {files[0]: 0.1})
    assert pipeline.get_list_adapters() == adapters
    assert not torch.equal(latents_of(pipeline, 3, prompt="a red mushroom"), strong)
    wear(pipeline, {files[1]: 1.0})
    assert pipeline.get_list_adapters() != adapters
    wear(pipeline, {files[0]: 1.0})
    assert torch.equal(latents_of(pipeline, 3, prompt="a red mushroom"), strong)


def test_a_file_that_was_replaced_is_read_again(pipeline: Any, files: list[Path]) -> None:
    wear(pipeline, {files[0]: 1.0})
    first = latents_of(pipeline, 3, prompt="a red mushroom")
    files[0].write_bytes(files[1].read_bytes())
    wear(pipeline, {files[0]: 1.0})
    assert not torch.equal(latents_of(pipeline, 3, prompt="a red mushroom"), first)


def broken(path: Path) -> Path:
    path.write_bytes(b"\x00garbage")
    return path


def other_tensors(path: Path, tensors: Mapping[str, Tensor]) -> Path:
    save_file(dict(tensors), path)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: make_lora(path, wider_unet()), "another architecture: the layer .* has 32 inputs"),
        (lambda path: make_lora(path, wider_unet(), "kohya"), "another architecture: the layer .* not 64"),
        (broken, "is no LoRA that can be read"),
        (lambda path: other_tensors(path, {"weight": torch.ones(2, 2)}), "is no LoRA that can be read"),
        (
            lambda path: other_tensors(path, {"unet.nowhere.lora_A.weight": torch.ones(2, 2)}),
            "the layer nowhere is not in the model",
        ),
    ],
    ids=["wider", "wider kohya", "garbage", "no LoRA", "no such layer"],
)
def test_a_file_that_does_not_fit_is_refused_and_the_pipeline_stays_as_it_was(
    pipeline: Any, files: list[Path], tmp_path: Path, make: Any, message: str
) -> None:
    before = latents_of(pipeline, 3, prompt="a red mushroom")
    wrong = make(tmp_path / "wrong.safetensors")
    with pytest.raises(MaquetteError, match=message) as caught:
        wear(pipeline, {files[0]: 1.0, wrong: 1.0})
    assert caught.value.code == "BAD_REQUEST"
    assert "'wrong'" in caught.value.message and str(tmp_path) not in caught.value.message
    assert torch.equal(latents_of(pipeline, 3, prompt="a red mushroom"), before)
    wear(pipeline, {files[0]: 1.0})
    assert not torch.equal(latents_of(pipeline, 3, prompt="a red mushroom"), before)


def test_an_unknown_name_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    loras = Loras(tmp_path)
    (tmp_path / "pixel-art.safetensors").write_bytes(b"")
    assert loras.find("pixel-art").name == "pixel-art.safetensors"
    for name in ("clay", "../pixel-art", "pixel-art.safetensors"):
        with pytest.raises(MaquetteError, match="there is pixel-art"):
            loras.find(name)
    with pytest.raises(MaquetteError, match="there is none"):
        Loras(tmp_path / "nowhere").find("clay")
