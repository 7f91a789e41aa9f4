import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from models.catalogue import CATALOGUE
from models.download import Downloader
from models.errors import MaquetteError
from models.load import load_tsr
from models.runtime import Runtime, pick_runtime
from models.store import ModelStore
from tests.hub import Hub, serving
from tests.models.checkpoints import publish

FLOAT32 = Runtime(torch.device("cpu"), torch.float32, "a test")


@pytest.fixture
def store(starter_dir: Path, tmp_path: Path) -> ModelStore:
    return ModelStore(FLOAT32, tmp_path, offline=True, starter_dir=starter_dir)


def test_a_model_is_loaded_once_and_then_kept(store: ModelStore) -> None:
    assert store.state("starter") == "ready"
    pipeline = store.image_pipeline("starter")
    assert store.state("starter") == "loaded"
    assert store.image_pipeline("starter") is pipeline


def test_a_model_comes_in_the_runtimes_precision(starter_dir: Path, tmp_path: Path) -> None:
    runtime = pick_runtime("cpu", "bfloat16")
    store = ModelStore(runtime, tmp_path, offline=True, starter_dir=starter_dir)
    assert store.image_pipeline("starter").unet.dtype is torch.bfloat16
    assert next(store.mesh_model("starter-mesh").parameters()).dtype is torch.float32


@pytest.mark.parametrize(
    ("dtype", "held"), [("bfloat16", torch.bfloat16), ("float16", torch.float32), ("float32", torch.float32)]
)
def test_a_large_mesh_network_is_held_in_bfloat16_where_that_is_the_precision(
    starter_dir: Path, dtype: str, held: torch.dtype
) -> None:
    model = load_tsr(CATALOGUE["triposr"], starter_dir / "meshes", pick_runtime("cpu", dtype))
    assert next(model.backbone.parameters()).dtype is held
    assert model.decoder.dtype is torch.float32


def test_the_least_recently_used_model_goes_when_the_budget_is_full(
    starter_dir: Path, tmp_path: Path
) -> None:
    needs = CATALOGUE["starter"].size_bytes
    store = ModelStore(FLOAT32, tmp_path, offline=True, starter_dir=starter_dir, memory_budget=needs)
    store.warm_up("starter-mesh")
    store.warm_up("starter")
    assert (store.state("starter-mesh"), store.state("starter")) == ("ready", "loaded")


def test_a_model_larger_than_the_budget_is_loaded_alone(starter_dir: Path, tmp_path: Path) -> None:
    store = ModelStore(FLOAT32, tmp_path, offline=True, starter_dir=starter_dir, memory_budget=1)
    store.warm_up("starter")
    assert store.state("starter") == "loaded"


def test_freeing_keeps_only_what_is_asked_for(store: ModelStore) -> None:
    store.warm_up("starter")
    store.warm_up("starter-mesh")
    store.free(keep="starter")
    assert (store.state("starter"), store.state("starter-mesh")) == ("loaded", "ready")
    store.free()
    assert store.state("starter") == "ready"


def test_two_threads_that_ask_at_once_get_the_same_model(store: ModelStore) -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(store.mesh_model("starter-mesh"))) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2 and found[0] is found[1]


def test_the_device_is_decided_when_first_asked_for(starter_dir: Path, tmp_path: Path) -> None:
    decided: list[str] = []

    def decide() -> Runtime:
        decided.append("once")
        return FLOAT32

    store = ModelStore(decide, tmp_path, starter_dir=starter_dir)
    store.describe()
    assert decided == []
    assert store.runtime is store.runtime is FLOAT32
    assert decided == ["once"]


@pytest.mark.parametrize("name", ["nonsense", "starter-mesh", "", "../../etc/passwd"])
def test_an_unknown_picture_model_is_refused_with_the_known_ones(store: ModelStore, name: str) -> None:
    with pytest.raises(MaquetteError, match="is not one of starter, starter-fast, sd15") as caught:
        store.image_pipeline(name)
    assert caught.value.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "sdxl",
            ["Stable Diffusion XL", "6.9 GB", "unet/*.fp16.safetensors", "python -m models download sdxl"],
        ),
        ("sd15", ["Stable Diffusion 1.5", "2.1 GB", "python -m models download sd15"]),
    ],
)
def test_missing_weights_are_told_with_files_size_and_remedy(
    store: ModelStore, name: str, parts: list[str]
) -> None:
    with pytest.raises(MaquetteError) as caught:
        store.image_pipeline(name)
    assert caught.value.code == "MODEL_MISSING"
    assert [part for part in parts if part not in caught.value.message] == []


def test_a_missing_starter_tells_how_it_is_made(tmp_path: Path) -> None:
    store = ModelStore(FLOAT32, tmp_path, starter_dir=tmp_path / "nowhere")
    with pytest.raises(MaquetteError, match=r"python -m training\.make_starter") as caught:
        store.mesh_model("starter-mesh")
    assert caught.value.code == "MODEL_MISSING"
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("starter", "pictures/unet/diffusion_pytorch_model.safetensors"),
        ("starter", "pictures/model_index.json"),
        ("starter-mesh", "meshes/model.safetensors"),
        ("starter-mesh", "meshes/config.yaml"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"\x00garbage", b'{"cut": '])
def test_unreadable_weights_are_an_error_and_no_crash(
    starter_dir: Path, tmp_path: Path, name: str, file: str, content: bytes
) -> None:
    broken = shutil.copytree(starter_dir, tmp_path / "starter")
    (broken / file).write_bytes(content)
    store = ModelStore(FLOAT32, tmp_path, offline=True, starter_dir=broken)
    with pytest.raises(MaquetteError, match="cannot be read") as caught:
        store.warm_up(name)
    assert caught.value.code == "MODEL_MISSING"
    assert str(tmp_path) not in caught.value.message


def test_a_model_put_into_the_models_folder_is_found(starter_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(starter_dir / "meshes", tmp_path / "models" / "triposr")
    store = ModelStore(FLOAT32, tmp_path, offline=True, starter_dir=starter_dir)
    assert store.state("triposr") == "ready"
    assert store.mesh_model("triposr").config.plane_size == 4


@pytest.mark.parametrize("name", ["u2net", "u2netp", "isnet-general-use"])
def test_offline_a_background_network_without_weights_is_told_with_its_file(
    store: ModelStore, name: str
) -> None:
    if store.state(name) != "missing":
        pytest.skip("this machine has the weights")
    with pytest.raises(MaquetteError, match=f"{name}.onnx") as caught:
        store.background_remover(name)
    assert caught.value.code == "MODEL_MISSING"
    assert caught.value.message.count("http") == 1


def test_the_description_is_ready_for_json_and_names_the_remedy(store: ModelStore) -> None:
    described = {entry["name"]: entry for entry in json.loads(json.dumps(store.describe()))}
    assert list(described) == list(CATALOGUE)
    assert described["starter"]["state"] == "ready" and described["starter"]["how_to_get"] == ""
    missing = described["sdxl"]
    assert missing["state"] == "missing" and "python -m models download sdxl" in missing["how_to_get"]
    assert (missing["size_bytes"], missing["bytes_here"], missing["memory_bytes"]) == (
        6_941_000_000,
        0,
        10**10,
    )
    assert (missing["licence"], missing["layout"], missing["default_steps"]) == (
        "CreativeML Open RAIL++-M",
        "folder",
        25,
    )
    assert described["sd-turbo"]["default_guidance"] == 0 and described["sdxl-turbo"]["default_steps"] <= 4


@pytest.fixture
def online(starter_dir: Path, tmp_path: Path) -> Iterator[tuple[ModelStore, Hub]]:
    """A store that may download, from a Hub with one small model."""
    with serving() as hub:
        publish(hub, "sd-turbo", tmp_path / "published")
        given = Downloader(endpoint=hub.url, pause=lambda _: None)
        yield ModelStore(FLOAT32, tmp_path / "data", starter_dir=starter_dir, downloader=given), hub


def test_a_model_is_downloaded_when_it_is_first_used(online: tuple[ModelStore, Hub]) -> None:
    store, hub = online
    store.require("sd-turbo", "image")
    assert store.image_pipeline("sd-turbo").unet.config.use_linear_projection
    assert len(hub.sent) > 3
    with pytest.raises(MaquetteError, match="is in memory; free that first"):
        store.remove("sd-turbo")
    store.discard("sd-turbo")
    store.remove("sd-turbo")
    assert store.state("sd-turbo") == "missing"


def test_a_model_that_is_coming_is_not_removed_and_a_job_waits_for_it(online: tuple[ModelStore, Hub]) -> None:
    store, hub = online
    go_on = threading.Event()
    hub.holds["unet/diffusion_pytorch_model.fp16.safetensors"] = (1000, go_on)
    store.download("sd-turbo")
    with pytest.raises(MaquetteError, match="is being downloaded"):
        store.remove("sd-turbo")
    go_on.set()
    assert store.image_pipeline("sd-turbo") is not None
    assert hub.sent.count("unet/diffusion_pytorch_model.fp16.safetensors") == 1


def test_what_fails_to_come_says_why(online: tuple[ModelStore, Hub]) -> None:
    store, _ = online
    with pytest.raises(MaquetteError, match="no repository madebyollin/taesd"):
        store.warm_up("taesd")
    assert "madebyollin" in store.downloads.failure("taesd")


def test_offline_nothing_is_downloaded_by_a_press_either(store: ModelStore) -> None:
    with pytest.raises(MaquetteError, match="is not downloaded here"):
        store.download("taesd")


def test_every_card_of_the_hub_is_pinned_to_a_commit() -> None:
    loose = [
        card.name
        for card in CATALOGUE.values()
        if not card.shipped and card.family != "rembg" and len(str(card.revision)) != 40
    ]
    assert loose == ["sd15-int8-ov"]  # whose commit nobody here could look up; a download writes it down


def test_a_single_file_among_the_users_own_models_is_opened_and_kept(tmp_path: Path) -> None:
    from diffusers import StableDiffusionPipeline

    from tests.models.checkpoints import make_sd
    from tests.models.original_layout import save_original

    folder = make_sd(tmp_path / "models" / "sd15")
    file = save_original(StableDiffusionPipeline.from_pretrained(folder), tmp_path / "mine.safetensors")
    (tmp_path / "models.toml").write_text(f"[mine]\npath = '{file.name}'\n")
    store = ModelStore(FLOAT32, tmp_path, offline=True)
    with pytest.raises(MaquetteError, match="no tokenizer") as caught:  # a miniature's words are not CLIP's
        store.image_pipeline("mine")
    assert caught.value.code == "MODEL_MISSING" and str(tmp_path) not in caught.value.message


def test_a_single_file_of_another_architecture_is_told_by_its_name(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    flux = {"model.diffusion_model.double_blocks.0.img_attn.qkv.weight": torch.zeros(2, 2)}
    save_file(flux, tmp_path / "mine.safetensors")
    (tmp_path / "models.toml").write_text("[mine]\npath = 'mine.safetensors'\n")
    store = ModelStore(FLOAT32, tmp_path, offline=True)
    with pytest.raises(MaquetteError, match="it is Flux; a single file must be") as caught:
        store.image_pipeline("mine")
    assert caught.value.code == "MODEL_MISSING"


def test_models_go_when_nothing_was_computed_for_long_enough(store: ModelStore) -> None:
    store.warm_up("starter")
    assert not store.free_idle(3600)
    assert store.state("starter") == "loaded"
    assert store.free_idle(0)
    assert store.state("starter") == "ready"
    assert not store.free_idle(0)
    store.warm_up("starter")
    assert store.state("starter") == "loaded"
