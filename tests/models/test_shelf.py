"""What is on the disk: found, checked, removed, and brought in by hand."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.card import ModelCard
from models.catalogue import CATALOGUE
from models.download import Downloader, Progress
from models.errors import MaquetteError
from models.importing import import_weights
from models.shelf import Shelf
from models.store import STARTER_DIR
from tests.hub import Hub
from tests.models.checkpoints import make_controlnet, make_sd, make_taesd

TAESD = CATALOGUE["taesd"]
WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def shelf(hub: Hub, starter_dir: Path, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "data", starter_dir, Downloader(endpoint=hub.url, pause=lambda _: None))


def ignore(progress: Progress) -> None:
    """Take no note of how far it is."""


def damage(file: Path) -> None:
    """Change one byte."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def again(shelf: Shelf) -> Shelf:
    """The same disk as the next start sees it."""
    return Shelf(shelf.data_dir, shelf.locator.starter_dir, shelf.downloader)


def test_a_model_is_downloaded_checked_damaged_mended_and_removed(shelf: Shelf, hub: Hub) -> None:
    home = shelf.download("taesd", ignore)
    assert shelf.verify("taesd").wrong == {} and shelf.verify("taesd").hashed == 2
    damage(home / WEIGHTS)
    hub.forget()
    assert list(shelf.verify("taesd").wrong) == [WEIGHTS] and hub.asked == []
    shelf.download("taesd", ignore)
    assert shelf.verify("taesd").wrong == {} and hub.sent == [WEIGHTS]
    (home / WEIGHTS).unlink()
    assert shelf.verify("taesd").wrong == {WEIGHTS: "missing or cut off"}
    assert shelf.locator.find(TAESD) is None
    assert shelf.remove("taesd") > 0 and not home.exists()


def test_a_download_that_never_began_leaves_nothing_to_remove(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, STARTER_DIR, Downloader(endpoint="http://127.0.0.1:9"))
    with pytest.raises(MaquetteError, match="is this machine online.*goes on from there. It needs"):
        shelf.download("taesd", ignore)
    with pytest.raises(MaquetteError, match="nothing of it is here"):
        shelf.remove("taesd")


def test_removing_a_model_takes_what_was_converted_from_it(shelf: Shelf) -> None:
    shelf.download("taesd", ignore)
    models = shelf.data_dir / "models"
    made = [models / "taesd-ov-int8", models / "converted" / "taesd-0123456789ab"]
    other = models / "taesdxl-ov"
    for folder in (*made, other):
        folder.mkdir(parents=True)
    shelf.remove("taesd")
    assert not any(folder.exists() for folder in made) and other.is_dir()


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("starter", "BAD_REQUEST", "comes with Maquette"),
        ("taesd", "MODEL_MISSING", "nothing of it is here"),
        ("nonsense", "BAD_REQUEST", "is not one of starter"),
        ("../..", "BAD_REQUEST", "is not one of starter"),
    ],
)
def test_what_cannot_be_removed_is_told(shelf: Shelf, name: str, code: str, said: str) -> None:
    with pytest.raises(MaquetteError, match=said) as caught:
        shelf.remove(name)
    assert caught.value.code == code


@pytest.mark.parametrize(("name", "said"), [("starter", "comes with Maquette"), ("none", "is not one of")])
def test_what_is_not_to_be_downloaded_is_told(shelf: Shelf, name: str, said: str) -> None:
    with pytest.raises(MaquetteError, match=said):
        shelf.download(name, ignore)


def test_what_the_user_linked_to_is_neither_written_to_nor_deleted(shelf: Shelf, tmp_path: Path) -> None:
    mine = make_taesd(tmp_path / "mine")
    (shelf.data_dir / "models").mkdir(parents=True)
    (shelf.data_dir / "models" / "taesd").symlink_to(mine)
    with pytest.raises(MaquetteError, match="by hand"):
        shelf.download("taesd", ignore)
    shelf.remove("taesd")
    assert (mine / WEIGHTS).is_file() and shelf.locator.find(TAESD) is None


def test_the_users_own_is_found_where_it_is_and_left_there(shelf: Shelf, tmp_path: Path) -> None:
    mine = make_controlnet(tmp_path / "mine")
    shelf.data_dir.mkdir()
    (shelf.data_dir / "models.toml").write_text(f'[lines]\npath = "{mine}"\n')
    shelf = again(shelf)
    assert shelf.locator.find(shelf.card("lines", "control")) == mine
    assert shelf.verify("lines").wrong == {}
    (mine / WEIGHTS).write_bytes((mine / WEIGHTS).read_bytes()[:-100])
    assert list(shelf.verify("lines").wrong) == [WEIGHTS]
    for act in (shelf.remove, lambda name: shelf.download(name, ignore)):
        with pytest.raises(MaquetteError, match=r"models\.toml"):
            act("lines")


def test_a_repository_of_the_users_own_comes_in_one_precision_without_what_nothing_uses(
    shelf: Shelf, hub: Hub, tmp_path: Path
) -> None:
    published = make_sd(tmp_path / "dream")
    shutil.copy(published / "vae" / WEIGHTS, published / "dream.safetensors")
    hub.add("someone/dream", published)
    shelf.data_dir.mkdir()
    (shelf.data_dir / "models.toml").write_text('[dream]\nhub = "someone/dream"\nfamily = "sd"\n')
    home = again(shelf).download("dream", ignore)
    weights = sorted(file.relative_to(home).as_posix() for file in home.rglob("*.safetensors"))
    assert weights == [
        "text_encoder/model.fp16.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.fp16.safetensors",
    ]


def test_files_that_one_has_are_brought_in_and_compared_with_their_hashes(
    shelf: Shelf, hub: Hub, tmp_path: Path
) -> None:
    hub.stops[WEIGHTS] = [1000, *[0] * 9]
    with pytest.raises(MaquetteError, match="is kept"):
        shelf.download("taesd", ignore)
    shutil.copytree(tmp_path / "published", tmp_path / "wrong")
    damage(tmp_path / "wrong" / WEIGHTS)
    with pytest.raises(MaquetteError, match="it is not the file"):
        import_weights(shelf, tmp_path / "wrong" / WEIGHTS, "taesd")
    assert "is ready: 1 of 1" in import_weights(shelf, tmp_path / "published" / WEIGHTS, "taesd")
    assert shelf.verify("taesd").wrong == {}


def test_a_folder_from_another_machine_is_brought_in_whole(shelf: Shelf, tmp_path: Path) -> None:
    said = import_weights(shelf, tmp_path / "published", "taesd")
    assert "is ready" in said and "0 of 2" in said
    assert shelf.locator.find(TAESD) == shelf.data_dir / "models" / "taesd"


def test_a_checkpoint_of_ones_own_gets_its_table(shelf: Shelf, tmp_path: Path) -> None:
    names = ["model.diffusion_model.out.0.weight", "cond_stage_model.transformer.x"]
    save_file({name: torch.zeros(2) for name in names}, tmp_path / "Dream v2.safetensors")
    import_weights(shelf, tmp_path / "Dream v2.safetensors", "dream")
    shelf = again(shelf)
    card = shelf.card("dream", "image")
    assert shelf.problems == []
    assert (card.layout, card.family, card.files) == ("single file", "sd", ("Dream v2.safetensors",))
    assert shelf.locator.find(card) == shelf.data_dir / "models" / "dream" / "Dream v2.safetensors"
    with pytest.raises(MaquetteError, match="is taken"):
        import_weights(shelf, tmp_path / "Dream v2.safetensors", "dream")
    shelf.remove("dream")
    assert "dream" not in again(shelf).cards and again(shelf).problems == []
    assert (tmp_path / "Dream v2.safetensors").is_file()


def test_a_lora_goes_to_the_loras(shelf: Shelf, tmp_path: Path) -> None:
    save_file({"lora_unet_down.lora_up.weight": torch.zeros(2)}, tmp_path / "ink.safetensors")
    assert "among the loras" in import_weights(shelf, tmp_path / "ink.safetensors", "ink")
    assert (shelf.data_dir / "loras" / "ink.safetensors").is_file()
    with pytest.raises(MaquetteError, match="is there already"):
        import_weights(shelf, tmp_path / "ink.safetensors", "ink")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"nonsense", "mine", "is no .safetensors file"),
        (json.dumps({}).encode(), "mine", "is no .safetensors file"),
        (b"nonsense", "taesd", "is none of the files of TAESD"),
        (b"nonsense", "starter", "comes with Maquette"),
        (b"nonsense", "A Name", "is not 1 to 64 of"),
    ],
)
def test_what_cannot_be_brought_in_is_told(
    shelf: Shelf, tmp_path: Path, content: bytes, name: str, said: str
) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(MaquetteError, match=said) as caught:
        import_weights(shelf, tmp_path / "x.safetensors", name)
    assert caught.value.code == "BAD_REQUEST"
    with pytest.raises(MaquetteError, match="there is no"):
        import_weights(shelf, tmp_path / "nowhere", name)


def test_a_disk_without_room_is_told_before_anything_is_copied(shelf: Shelf, tmp_path: Path) -> None:
    shelf.downloader = replace(shelf.downloader, free=lambda folder: 10)
    with pytest.raises(MaquetteError, match="are needed"):
        import_weights(shelf, tmp_path / "published", "taesd")
    assert shelf.locator.find(TAESD) is None


@pytest.mark.parametrize(
    "card", [card for card in CATALOGUE.values() if card.shipped], ids=lambda card: card.name
)
def test_what_ships_is_what_the_catalogue_hashes(card: ModelCard, shelf: Shelf) -> None:
    folder = STARTER_DIR / card.source
    if not folder.is_dir():
        pytest.skip(f"{folder} does not ship yet")
    shipping = Shelf(shelf.data_dir, STARTER_DIR, shelf.downloader)
    found = shipping.verify(card.name)
    assert found.wrong == {}
    assert found.hashed == sum(file.suffix in (".safetensors", ".onnx") for file in folder.rglob("*"))


def test_a_wrong_bit_in_what_ships_is_found(shelf: Shelf, tmp_path: Path) -> None:
    shutil.copytree(STARTER_DIR / "meshes", tmp_path / "starter" / "meshes")
    damage(tmp_path / "starter" / "meshes" / "model.safetensors")
    found = Shelf(shelf.data_dir, tmp_path / "starter", shelf.downloader).verify("starter-mesh")
    assert found.wrong == {"model.safetensors": "not the content that its source told"}
