"""Single files of random weights under the original names, for both architectures."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import load_file, save_file

from models.card import ModelCard
from models.catalogue import CATALOGUE
from models.errors import UnreadableFile
from models.layouts import LAYOUTS, Layout
from models.single_file import family_of, opened
from tests.models.checkpoints import make_sd, make_sdxl
from tests.models.latents import latents_of
from tests.models.original_layout import layout_of, save_original

MAKERS = {"sd": make_sd, "sdxl": make_sdxl}
PART = "model.diffusion_model.input_blocks.0.0.weight"


class Original:
    """A miniature pipeline, and the single file of its weights."""

    def __init__(self, family: str, home: Path) -> None:
        self.family = family
        self.folder = MAKERS[family](home / "diffusers")
        self.layout: Layout = layout_of(self.folder, family)
        self.pipeline: Any = DiffusionPipeline.from_pretrained(
            self.folder, dtype=torch.float32, safety_checker=None
        )
        self.file = save_original(self.pipeline, home / "model.safetensors")
        self.card: ModelCard = CATALOGUE["sdxl" if family == "sdxl" else "sd15"]

    def open(self, models_dir: Path, file: Path | None = None, tokenizers: list[Path] | None = None) -> Path:
        words = [self.folder / "nowhere", self.folder / "tokenizer"] if tokenizers is None else tokenizers
        return opened(self.card, file or self.file, models_dir, words, LAYOUTS | {self.family: self.layout})


@pytest.fixture(scope="module", params=MAKERS)
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Original:
    return Original(request.param, tmp_path_factory.mktemp("original"))


def test_a_single_file_becomes_a_folder_that_draws_the_same(original: Original, tmp_path: Path) -> None:
    folder = original.open(tmp_path)
    again: Any = DiffusionPipeline.from_pretrained(folder, local_files_only=True, safety_checker=None)
    assert type(again) is type(original.pipeline)
    assert type(again.scheduler) is type(original.pipeline.scheduler)
    for name in ("unet", "vae", "text_encoder", "text_encoder_2"):
        if not hasattr(original.pipeline, name):
            continue
        expected = getattr(original.pipeline, name).state_dict()
        found = getattr(again, name).state_dict()
        assert set(found) == set(expected)
        assert all(torch.equal(found[key], expected[key]) for key in expected), name
    words: dict[str, Any] = {"prompt": "a red mushroom", "negative_prompt": "rain"}
    assert torch.equal(latents_of(again, **words), latents_of(original.pipeline, **words))


def test_the_folder_is_made_once_and_anew_when_the_file_has_changed(
    original: Original, tmp_path: Path
) -> None:
    file = Path(shutil.copy(original.file, tmp_path / "mine.safetensors"))
    first = original.open(tmp_path / "models", file)
    (first / "touched").touch()
    assert original.open(tmp_path / "models", file) == first and (first / "touched").exists()
    halved = {name: tensor.half() for name, tensor in load_file(file).items()}
    save_file(halved, file)
    second = original.open(tmp_path / "models", file)
    assert second != first and not first.exists()
    weights = load_file(second / "unet" / "diffusion_pytorch_model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}


@pytest.mark.parametrize("vocabulary", [None, {"a": 0}])
def test_without_the_right_tokenizer_it_is_told_what_to_do(
    original: Original, tmp_path: Path, vocabulary: dict[str, int] | None
) -> None:
    if vocabulary is not None:
        (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
        (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    with pytest.raises(UnreadableFile, match="Download sd15 or sdxl, or put vocab.json and merges.txt"):
        original.open(tmp_path / "models", tokenizers=[tmp_path])
    assert list((tmp_path / "models" / "converted").iterdir()) == []


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["model.diffusion_model.joint_blocks.0.x_block.mlp.fc1.weight"], "it is Stable Diffusion 3"),
        (["model.diffusion_model.double_blocks.0.img_attn.qkv.weight"], "it is Flux"),
        ([PART, "cond_stage_model.model.ln_final.weight"], "it is Stable Diffusion 2"),
        ([PART, "conditioner.embedders.0.model.ln_final.weight"], "the refiner of Stable Diffusion XL"),
        (["control_model.input_blocks.0.0.weight"], "it is a ControlNet"),
        (["lora_unet_mid_block.lora_down.weight"], "it is a LoRA"),
        (["weight"], "it is nothing that is known"),
    ],
)
def test_a_file_of_another_architecture_is_refused_by_its_name(
    tmp_path: Path, names: list[str], told: str
) -> None:
    file = tmp_path / "other.safetensors"
    save_file({name: torch.zeros(4, 4) for name in names}, file)
    with pytest.raises(UnreadableFile, match=told):
        family_of(file)


def test_a_file_for_painting_over_and_one_that_is_cut_off_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "inpainting.safetensors"
    words = "cond_stage_model.transformer.text_model.final_layer_norm.weight"
    save_file({PART: torch.zeros(320, 9, 3, 3), words: torch.zeros(4)}, file)
    with pytest.raises(UnreadableFile, match="painting over"):
        family_of(file)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UnreadableFile, match="is cut off"):
        family_of(file)
