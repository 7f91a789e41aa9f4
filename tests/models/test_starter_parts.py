"""Models that take some of their parts from another one, and what cards say of each other."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, LCMScheduler

from models.card import ModelCard
from models.catalogue import CATALOGUE
from models.errors import MaquetteError
from models.packing import PackedConv2d
from models.runtime import Runtime, pick_runtime
from models.store import ModelStore, preview_model
from tests.starter_parts import with_parts

FLOAT32 = Runtime(torch.device("cpu"), torch.float32, "a test")
BASE, FAST = "starter", "starter-fast"


def new_store(starter_dir: Path, data_dir: Path, runtime: Runtime = FLOAT32) -> ModelStore:
    return ModelStore(runtime, data_dir, offline=True, starter_dir=starter_dir, catalogue=with_parts())


def same(one: Any, other: Any) -> bool:
    """Whether two networks have the same weights."""
    theirs = other.state_dict()
    return all(torch.equal(weight, theirs[name]) for name, weight in one.state_dict().items())


def test_a_quick_edition_has_its_own_unet_and_scheduler_and_all_else_from_its_base(
    starter_dir: Path, tmp_path: Path
) -> None:
    store = new_store(starter_dir, tmp_path)
    base, fast = store.image_pipeline(BASE), store.image_pipeline(FAST)
    assert same(fast.text_encoder, base.text_encoder) and same(fast.vae, base.vae)
    assert fast.text_encoder is not base.text_encoder  # LoRAs that one of them wears are not the other's
    assert not same(fast.unet, base.unet)
    assert isinstance(fast.scheduler, LCMScheduler) and isinstance(base.scheduler, DDIMScheduler)
    assert fast.scheduler.config.prediction_type == "v_prediction"
    assert fast.name_or_path == base.name_or_path  # where the colours for previews are


def test_it_comes_in_the_runtimes_precision_and_packed_where_that_is_faster(
    starter_dir: Path, tmp_path: Path
) -> None:
    fast: Any = new_store(starter_dir, tmp_path, pick_runtime("cpu", "bfloat16")).image_pipeline(FAST)
    assert {fast.unet.dtype, fast.vae.dtype, fast.text_encoder.dtype} == {torch.bfloat16}
    assert any(isinstance(layer, PackedConv2d) for layer in fast.unet.modules())


def test_it_is_missing_without_its_own_folder_and_alone_it_says_what_it_lacks(
    starter_dir: Path, tmp_path: Path
) -> None:
    shutil.copytree(starter_dir / "pictures", tmp_path / "base" / "pictures")
    shutil.copytree(starter_dir / "fast", tmp_path / "alone" / "fast")
    without, alone = (new_store(tmp_path / name, tmp_path / "data") for name in ("base", "alone"))
    assert [without.state(name) for name in (BASE, FAST)] == ["ready", "missing"]
    for store, said in ((without, "models/starter/fast"), (alone, "models/starter/pictures")):
        with pytest.raises(MaquetteError, match=said) as caught:
            store.image_pipeline(FAST)
        assert caught.value.code == "MODEL_MISSING"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("unet/diffusion_pytorch_model.safetensors", "cannot be read"),
        ("scheduler/scheduler_config.json", "scheduler/scheduler_config.json is not there or cannot be read"),
    ],
)
def test_what_cannot_be_read_of_it_is_an_error_and_no_crash(
    starter_dir: Path, tmp_path: Path, file: str, said: str
) -> None:
    broken = shutil.copytree(starter_dir, tmp_path / "starter")
    (broken / "fast" / file).write_bytes(b'{"cut": ')
    with pytest.raises(MaquetteError, match=said) as caught:
        new_store(broken, tmp_path / "data").image_pipeline(FAST)
    assert caught.value.code == "MODEL_MISSING" and str(tmp_path) not in caught.value.message


def test_openvino_converts_it_whole_and_again_when_its_base_changes(
    starter_dir: Path, tmp_path: Path
) -> None:
    starter = shutil.copytree(starter_dir, tmp_path / "starter")
    store = new_store(starter, tmp_path / "data", pick_runtime("openvino", "float32"))
    assert "converting it for OpenVINO" in store.notice(FAST)
    fast, theirs = (each.image_pipeline(FAST) for each in (store, new_store(starter_dir, tmp_path / "other")))
    assert isinstance(fast.scheduler, LCMScheduler)
    latents, words = torch.randn(1, 8, 4, 4), torch.randn(1, 77, 32)
    with torch.no_grad():
        found, expected = (unet(latents, torch.tensor(759), words)[0] for unet in (fast.unet, theirs.unet))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    store.free()
    assert store.notice(FAST) == ""
    os.utime(starter / "pictures" / "vae" / "config.json", (0, 0))
    assert "converting it for OpenVINO" in store.notice(FAST)


def test_an_image_model_is_shown_by_its_own_tiny_autoencoder_or_by_that_of_its_family() -> None:
    cards = with_parts()
    shown = {name: preview_model(cards[name]) for name in (BASE, FAST, "sd15", "sdxl")}
    assert shown == {BASE: "starter-previews", FAST: "starter-previews", "sd15": "taesd", "sdxl": "taesdxl"}


@pytest.mark.parametrize("cards", [CATALOGUE, with_parts()], ids=["catalogue", "with parts"])
def test_every_model_that_a_card_names_is_there_and_of_the_right_task(cards: Mapping[str, ModelCard]) -> None:
    named = {"control": "control", "live": "image", "preview": "preview", "parts_of": "image"}
    for card in cards.values():
        for field, task in named.items():
            name = getattr(card, field)
            assert not name or (cards[name].task, cards[name].family) == (task, card.family), card.name
