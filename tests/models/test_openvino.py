"""OpenVINO's networks with tiny random models: converted, read, asked and refused as torch's are."""

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.catalogue import CATALOGUE
from models.errors import MaquetteError
from models.load import load_control, load_pipeline
from models.memory import size_of
from models.openvino_convert import write
from models.openvino_engine import Engine, import_openvino, pick_openvino
from models.openvino_exports import Export, exports
from models.openvino_graph import NETWORK, Graph
from models.openvino_load import load_openvino
from models.openvino_parts import UNet
from models.runtime import Runtime, pick_runtime
from models.store import ModelStore
from tests.models.checkpoints import make_sdxl

EXACT = Runtime(torch.device("cpu"), torch.float32, "a test")


@pytest.fixture(scope="module")
def torch_pipeline(starter_dir: Path) -> Any:
    return load_pipeline(CATALOGUE["starter"], starter_dir / "pictures", EXACT)


@pytest.fixture
def folder(pipeline: Any, data_dir: Path, tmp_path: Path) -> Path:
    """A copy of the converted networks, as a user has them in the models folder."""
    return shutil.copytree(data_dir / "models" / "starter-ov", tmp_path / "models" / "sd15")


def assert_near(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def asked(unet: Any, height: int, width: int, batch: int = 2, residuals: bool = False) -> torch.Tensor:
    """What a UNet answers to random latents of so many rows and columns."""
    generator = torch.Generator().manual_seed(height)
    latents = torch.randn(batch, 8, height, width, generator=generator)
    words = torch.randn(batch, 77, 32, generator=generator)
    added: dict[str, Any] = {}
    if residuals:
        sizes = [(16, 1), (16, 1), (16, 2), (32, 2)]
        down = [
            torch.randn(batch, channels, height // by, width // by, generator=generator)
            for channels, by in sizes
        ]
        added = {
            "down_block_additional_residuals": down,
            "mid_block_additional_residual": torch.randn(down[-1].shape, generator=generator),
        }
    with torch.no_grad():
        found: torch.Tensor = unet(latents, torch.tensor(700), words, return_dict=False, **added)[0]
    return found


@pytest.mark.parametrize(("height", "width", "batch"), [(4, 4, 2), (6, 4, 1), (5, 7, 2)])
def test_a_converted_unet_answers_as_torchs_does_at_any_size(
    pipeline: Any, torch_pipeline: Any, height: int, width: int, batch: int
) -> None:
    expected = asked(torch_pipeline.unet, height, width, batch)
    assert_near(asked(pipeline.unet, height, width, batch), expected)


def test_it_takes_what_a_controlnet_adds(pipeline: Any, torch_pipeline: Any) -> None:
    expected = asked(torch_pipeline.unet, 4, 4, residuals=True)
    assert_near(asked(pipeline.unet, 4, 4, residuals=True), expected)
    assert not torch.allclose(asked(pipeline.unet, 4, 4), expected, atol=1e-2)


def test_a_converted_autoencoder_encodes_and_decodes_as_torchs(pipeline: Any, torch_pipeline: Any) -> None:
    picture = torch.rand(1, 3, 80, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        ours, theirs = (p.vae.encode(picture).latent_dist for p in (pipeline, torch_pipeline))
        assert_near(ours.mode(), theirs.mode())
        assert_near(ours.std, theirs.std)
        decoded, expected = (p.vae.decode(theirs.mode())[0] for p in (pipeline, torch_pipeline))
    assert_near(decoded, expected)


def test_a_converted_text_encoder_reads_as_torchs(pipeline: Any, torch_pipeline: Any) -> None:
    words = pipeline.tokenizer(["a red mushroom", "x"], padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        ours, theirs = (p.text_encoder(words, output_hidden_states=True) for p in (pipeline, torch_pipeline))
    for name in ("last_hidden_state", "pooler_output"):
        assert_near(ours[name], theirs[name])
    for our, their in zip(ours.hidden_states, theirs.hidden_states, strict=True):
        assert_near(our, their)


def test_a_converted_controlnet_answers_as_torchs(openvino_store: ModelStore, starter_dir: Path) -> None:
    theirs = load_control(CATALOGUE["starter-scribble"], starter_dir / "control", EXACT)
    ours = openvino_store.control_model("starter-scribble")
    latents, words, drawing = torch.randn(2, 8, 4, 4), torch.randn(2, 77, 32), torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        found, expected = (net(latents, 500, words, drawing, 0.7) for net in (ours, theirs))
    for our, their in zip(found.down_block_res_samples, expected.down_block_res_samples, strict=True):
        assert_near(our, their)
    assert_near(found.mid_block_res_sample, expected.mid_block_res_sample)


@pytest.mark.slow
def test_sdxl_with_its_two_text_encoders_draws_the_same_picture(tmp_path: Path) -> None:
    card = replace(CATALOGUE["sdxl"], native_size=64, variant=None)
    made = make_sdxl(tmp_path / "sdxl")
    given = pick_openvino("float32")
    pictures = []
    for each in (load_pipeline(card, made, EXACT), load_openvino(card, made, given, tmp_path / "models")):
        drawn: Any = each
        generator = torch.Generator().manual_seed(3)
        words = {"prompt": "a red mushroom", "negative_prompt": "blue", "guidance_scale": 5.0}
        latents = torch.randn(1, 4, 8, 8, generator=generator)
        found = drawn(**words, width=64, height=64, num_inference_steps=3, latents=latents)
        pictures.append(np.asarray(found.images[0], float))
    assert np.abs(pictures[0] - pictures[1]).max() <= 2
    assert pictures[0].std() > 1


def test_weights_of_eight_bits_take_half_the_room_and_are_told(
    starter_dir: Path, data_dir: Path, pipeline: Any
) -> None:
    runtime = pick_runtime("openvino", "int8")
    store = ModelStore(runtime, data_dir, offline=True, starter_dir=starter_dir)
    unet: Any = store.image_pipeline("starter").unet
    assert unet.precision.startswith("int8 weights, ")
    assert pipeline.unet.precision == "float32"
    plain, small = (
        (data_dir / "models" / name / "unet" / NETWORK).with_suffix(".bin").stat().st_size
        for name in ("starter-ov", "starter-ov-int8")
    )
    assert small < 0.7 * plain
    assert "weights of eight bits" in runtime.told("image").reason


def test_a_conversion_is_made_once_and_again_when_the_weights_change(
    openvino_store: ModelStore, pipeline: Any, starter_dir: Path, data_dir: Path, tmp_path: Path
) -> None:
    weights = data_dir / "models" / "starter-ov" / "unet" / "openvino_model.bin"
    first = weights.stat().st_mtime_ns
    again = ModelStore(openvino_store.runtime, data_dir, offline=True, starter_dir=starter_dir)
    assert again.notice("starter") == ""
    again.warm_up("starter")
    assert weights.stat().st_mtime_ns == first
    copy = shutil.copytree(starter_dir, tmp_path / "starter")
    os.utime(copy / "pictures" / "unet" / "config.json", (0, 0))
    other = ModelStore(openvino_store.runtime, data_dir, offline=True, starter_dir=copy)
    assert "converting it for OpenVINO" in other.notice("starter")


def test_a_conversion_that_the_disk_has_no_room_for_is_refused_with_its_size(
    starter_dir: Path, tmp_path: Path
) -> None:
    card, given = CATALOGUE["starter"], pick_openvino("float32")
    with pytest.raises(
        MaquetteError, match="takes 43 MB, and the data folder's disk has 7 MB free"
    ) as caught:
        load_openvino(card, starter_dir / "pictures", given, tmp_path, free=lambda _: 7_000_000)
    assert caught.value.code == "MODEL_MISSING"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_openvinos_own_is_used_as_it_is(openvino_store: ModelStore, folder: Path) -> None:
    models = folder.parent
    found = ModelStore(openvino_store.runtime, models.parent, offline=True)
    assert found.notice("sd15") == ""
    found.warm_up("sd15")
    assert [path.name for path in models.iterdir()] == ["sd15"]


def test_on_another_device_such_a_folder_is_refused_with_the_remedy(folder: Path) -> None:
    store = ModelStore(EXACT, folder.parent.parent, offline=True)
    with pytest.raises(MaquetteError, match="start Maquette with device openvino") as caught:
        store.warm_up("sd15")
    assert caught.value.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    "name",
    [
        "unet/openvino_model.xml",
        "unet/openvino_model.bin",
        "vae_decoder/openvino_model.bin",
        "vae_encoder/openvino_model.xml",
        "text_encoder/openvino_model.bin",
        "unet/config.json",
        "scheduler/scheduler_config.json",
    ],
)
@pytest.mark.parametrize("share", [None, 0.0, 0.5])
def test_a_missing_or_broken_file_is_named(
    openvino_store: ModelStore, folder: Path, name: str, share: float | None
) -> None:
    file = folder / name
    content = file.read_bytes()
    file.unlink()
    if share is not None:
        file.write_bytes(content[: int(len(content) * share)])
    broken = ModelStore(openvino_store.runtime, folder.parent.parent, offline=True)
    with pytest.raises(MaquetteError) as caught:
        broken.warm_up("sd15")
    assert caught.value.code == "MODEL_MISSING"
    assert name in caught.value.message
    assert str(folder.parent) not in caught.value.message


def test_a_sampler_that_nobody_knows_is_refused(openvino_store: ModelStore, folder: Path) -> None:
    (folder / "scheduler" / "scheduler_config.json").write_text('{"_class_name": "OpenAIGPTModel"}')
    with pytest.raises(MaquetteError, match="OpenAIGPTModel") as caught:
        ModelStore(openvino_store.runtime, folder.parent.parent, offline=True).warm_up("sd15")
    assert caught.value.code == "MODEL_MISSING"


def variant(torch_pipeline: Any, folder: Path, side: int, change: Callable[[Any], None]) -> Any:
    """The UNet converted as others do, from an example of so many latents, and changed further."""
    ov = import_openvino()
    export = next(export for export in exports(torch_pipeline) if export.folder == "unet")
    example = export.example | {"sample": torch.randn(2, 8, side, side)}
    write(replace(export, example=example), folder, int8=False)
    core = ov.Core()
    model = core.read_model(folder / "unet" / NETWORK)
    change(model)
    ov.save_model(model, folder / "other" / NETWORK, compress_to_fp16=False)
    engine = Engine(pick_openvino("float32"), 1, folder / "cache")
    return UNet(Graph(engine, folder / "other" / NETWORK), torch_pipeline.unet.config, 16)


def test_networks_of_one_size_only_draw_others_where_they_can(torch_pipeline: Any, tmp_path: Path) -> None:
    def fix(model: Any) -> None:
        model.reshape({"sample": [2, 8, 4, 4], "timestep": [], "encoder_hidden_states": [2, 77, 32]})

    unet = variant(torch_pipeline, tmp_path, 16, fix)
    expected = asked(torch_pipeline.unet, 6, 8)
    assert_near(asked(unet, 6, 8), expected)
    with pytest.raises(MaquetteError, match="does not draw 112 x 80; it was made for 64 x 64") as caught:
        asked(unet, 5, 7)
    assert caught.value.code == "BAD_REQUEST"
    assert_near(asked(unet, 6, 8), expected)


def test_a_size_that_no_form_takes_is_refused_with_what_would_do(torch_pipeline: Any, tmp_path: Path) -> None:
    def with_a_row_of_times(model: Any) -> None:
        from openvino import opset13

        one = model.input("timestep").get_node()
        row = opset13.parameter([-1], np.int64, "timestep")
        first = opset13.reshape(row, opset13.constant(np.zeros(0, np.int64)), False)
        for port in one.output(0).get_target_inputs():
            port.replace_source_output(first.output(0))
        model.remove_parameter(one)
        model.add_parameters([row])
        row.output(0).get_tensor().set_names({"timestep"})

    unet = variant(torch_pipeline, tmp_path, 16, with_a_row_of_times)
    assert_near(asked(unet, 4, 4), asked(torch_pipeline.unet, 4, 4))
    with pytest.raises(MaquetteError, match="does not draw 112 x 80; sides must be multiples of 32"):
        asked(unet, 5, 7)


def test_a_loaded_network_tells_how_much_it_takes(pipeline: Any, torch_pipeline: Any) -> None:
    numbers = sum(tensor.numel() for tensor in torch_pipeline.unet.parameters())
    assert size_of([pipeline.unet]) == pytest.approx(4 * numbers, rel=0.05)


class Unknown(torch.nn.Module):
    """A network of an operation that OpenVINO has not."""

    def forward(self, sample: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.linalg.qr(sample).R
        return found


def test_a_network_that_cannot_be_converted_silences_nobody(tmp_path: Path) -> None:
    from openvino.frontend import OpConversionFailure

    level = logging.getLogger().level
    network = Export("unet", Unknown(), {"sample": torch.randn(2, 3, 4, 4)}, ["found"], lambda _: None)
    with pytest.raises(OpConversionFailure, match="qr"):
        write(network, tmp_path, int8=False)
    assert logging.getLogger().level == level


class Plain(torch.nn.Module):
    """A network with weights to compress."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 8, 3)

    def forward(self, sample: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.layer(sample)
        return found


def test_weights_of_eight_bits_silence_nobody(tmp_path: Path) -> None:
    import nncf  # noqa: F401

    handler = logging.Handler()
    logging.getLogger("nncf").addHandler(handler)
    network = Export("unet", Plain(), {"sample": torch.randn(2, 3, 8, 8)}, ["found"], lambda place: None)
    write(network, tmp_path, int8=True)
    logging.getLogger("nncf").removeHandler(handler)
    assert handler.level == logging.NOTSET
