from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.tsr.shapes import DATA, tiny_config
from tsr import TSR, TSRConfig
from tsr.checkpoint import read_tensors
from tsr.errors import CheckpointError, ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorded checkpoint, to be spoilt."""
    for name in ("config.yaml", "model.ckpt"):
        (tmp_path / name).write_bytes((DATA / "small" / name).read_bytes())
    return tmp_path


def rewrite(folder: Path, drop: str = "", added: dict[str, torch.Tensor] | None = None) -> None:
    tensors = torch.load(folder / "model.ckpt", weights_only=True)
    tensors.pop(drop, None)
    torch.save(tensors | (added or {}), folder / "model.ckpt")


def test_a_safetensors_file_of_the_same_names_is_accepted(folder: Path) -> None:
    save_file(read_tensors(folder / "model.ckpt"), folder / "model.safetensors")
    expected = TSR.from_pretrained(DATA / "small").state_dict()
    (folder / "model.ckpt").unlink()
    found = TSR.from_pretrained(folder).state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


def test_a_missing_tensor_is_quoted(folder: Path) -> None:
    rewrite(folder, drop="backbone.proj_in.bias")
    with pytest.raises(CheckpointError, match=r"missing.*backbone\.proj_in\.bias"):
        TSR.from_pretrained(folder)


def test_an_extra_tensor_is_quoted(folder: Path) -> None:
    rewrite(folder, added={"surplus": torch.zeros(2)})
    with pytest.raises(CheckpointError, match="unknown.*surplus"):
        TSR.from_pretrained(folder)


def test_a_misshapen_tensor_is_quoted_with_both_shapes(folder: Path) -> None:
    rewrite(folder, added={"decoder.layers.0.weight": torch.zeros(32, 47)})
    with pytest.raises(
        CheckpointError, match=r"decoder\.layers\.0\.weight: \[32, 47\] instead of \[32, 48\]"
    ):
        TSR.from_pretrained(folder)


def test_the_unused_pooler_may_be_absent(folder: Path) -> None:
    rewrite(folder, drop="image_tokenizer.model.pooler.dense.weight")
    TSR.from_pretrained(folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"not a checkpoint"])
def test_a_broken_file_is_an_error_that_names_it(folder: Path, content: bytes) -> None:
    (folder / "model.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.ckpt cannot be read") as caught:
        TSR.from_pretrained(folder)
    assert str(folder) not in str(caught.value)


def test_a_pickle_that_wants_to_run_code_is_refused(folder: Path) -> None:
    torch.save({"model": Path("anything")}, folder / "model.ckpt")
    with pytest.raises(CheckpointError, match="cannot be read"):
        TSR.from_pretrained(folder)


def test_a_folder_without_weights_says_what_is_looked_for(folder: Path) -> None:
    (folder / "model.ckpt").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors nor model\.ckpt"):
        TSR.from_pretrained(folder)


def test_what_is_saved_in_half_precision_loads_again_within_it(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = TSR(tiny_config())
    model.save_pretrained(tmp_path, torch.float16)
    loaded = TSR.from_pretrained(tmp_path)
    assert loaded.config == model.config
    assert not loaded.training
    for name, tensor in loaded.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, model.state_dict()[name].half().float())


def test_the_decoder_stays_float32_in_a_bfloat16_network() -> None:
    model = TSR.from_pretrained(DATA / "small", dtype=torch.bfloat16)
    kinds = {name.split(".")[0]: tensor.dtype for name, tensor in model.named_parameters()}
    assert kinds.pop("decoder") == torch.float32
    assert set(kinds.values()) == {torch.bfloat16}


def test_the_recorded_config_is_read_with_its_interpolation() -> None:
    config = TSRConfig.from_yaml((DATA / "small" / "config.yaml").read_text())
    assert (config.channels, config.vit_hidden, config.decoder_layers) == (64, 96, 3)
    assert TSRConfig.from_yaml(config.to_yaml()) == config


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tsr.models.network_utils.NeRFMLP", "os.system", "decoder_cls is 'os.system'"),
        ("plane_size: 8", "plane_size: eight", "tokenizer.plane_size is 'eight'"),
        ("plane_size: 8", "plane_size: true", "tokenizer.plane_size is True"),
        ("plane_size: 8, ", "", "tokenizer.plane_size is missing"),
        ("cond_image_size: 128", "", "cond_image_size is missing"),
        ("${tokenizer.num_channels}", "${tokenizer.size}", "refers to nothing"),
        ("activation: silu", "activation: relu", "decoder.activation is 'relu'"),
        (
            "decoder: {in_channels: 48",
            "decoder: {in_channels: 40",
            "decoder.in_channels is 40, but must be 48",
        ),
        ("cond_image_size: 128", "cond_image_size: 100", "100 is not a multiple of patch 16"),
        ("density_activation: exp", "density_activation: trunc_exp", "is 'trunc_exp'"),
        ("renderer: {", "renderer: [", "not YAML"),
    ],
)
def test_a_config_that_is_not_ours_is_refused_by_name(old: str, new: str, message: str) -> None:
    text = (DATA / "small" / "config.yaml").read_text()
    assert old in text
    with pytest.raises(ConfigError) as caught:
        TSRConfig.from_yaml(text.replace(old, new))
    assert message in str(caught.value)
