"""Downloads from a Hub on loopback, and all that can go wrong with them."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from threading import Event, Timer

import pytest

from models.catalogue import CATALOGUE
from models.download import Downloader, Progress
from models.errors import Cancelled, MaquetteError
from models.locate import Locator
from models.manifest import Manifest, part_of
from tests.hub import Hub, serving
from tests.models.checkpoints import make_controlnet, make_sd

CONTROL = CATALOGUE["controlnet-scribble"]
SD = CATALOGUE["sd15"]
WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def controlnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_controlnet(tmp_path_factory.mktemp("published") / "control")


@pytest.fixture
def hub(controlnet: Path) -> Iterator[Hub]:
    with serving() as hub:
        hub.add(CONTROL.source, controlnet, str(CONTROL.revision))
        yield hub


@pytest.fixture
def downloader(hub: Hub) -> Downloader:
    """One that does not wait between its attempts."""
    return Downloader(endpoint=hub.url, pause=lambda _: None)


def ignore(progress: Progress) -> None:
    """Take no note of how far it is."""


def test_only_the_files_that_the_card_names_come_and_the_model_is_found(hub: Hub, tmp_path: Path) -> None:
    published = make_sd(tmp_path / "published")
    hub.add(SD.source, published, str(SD.revision))
    locator, home = Locator(tmp_path, tmp_path / "models"), tmp_path / "models" / "sd15"
    assert locator.find(SD) is None
    manifest = Downloader(endpoint=hub.url).fetch(SD, home, ignore)
    assert locator.find(SD) == home
    weights = {name for name in manifest.files if name.endswith(".safetensors")}
    assert weights == {
        "text_encoder/model.fp16.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.fp16.safetensors",
    }
    for name in manifest.files:
        assert (home / name).read_bytes() == (published / name).read_bytes()
    assert manifest.damaged(home) == [] and manifest.files["model_index.json"].algorithm == "git-sha1"


def test_progress_counts_the_bytes_of_the_whole_model_to_its_end(
    downloader: Downloader, tmp_path: Path
) -> None:
    told: list[Progress] = []
    manifest = downloader.fetch(CONTROL, tmp_path / "model", told.append)
    assert told[-1].done == told[-1].total == manifest.size
    assert [p.done for p in told] == sorted(p.done for p in told)


def test_a_line_that_breaks_is_taken_up_where_it_broke(
    hub: Hub, downloader: Downloader, controlnet: Path, tmp_path: Path
) -> None:
    hub.stops[WEIGHTS] = [1_000_000, 500_000]
    downloader.fetch(CONTROL, tmp_path / "model", ignore)
    ranges = [asked.range for asked in hub.asked if asked.path.endswith(WEIGHTS) and "/cdn/" in asked.path]
    assert ranges == [None, "bytes=1000000-", "bytes=1500000-"]
    assert (tmp_path / "model" / WEIGHTS).read_bytes() == (controlnet / WEIGHTS).read_bytes()


def test_a_line_that_brings_nothing_any_more_is_given_up_and_what_came_is_kept(
    hub: Hub, tmp_path: Path
) -> None:
    waits: list[float] = []
    hub.stops[WEIGHTS] = [400_000, *[0] * 20]
    with pytest.raises(MaquetteError, match="What has come is kept") as caught:
        Downloader(endpoint=hub.url, pause=waits.append).fetch(CONTROL, tmp_path / "model", ignore)
    assert caught.value.code == "MODEL_MISSING" and len(waits) == 4
    assert part_of(tmp_path / "model" / WEIGHTS).stat().st_size == 400_000


def test_a_download_that_was_stopped_goes_on_from_there_and_asks_the_listing_no_more(
    hub: Hub, downloader: Downloader, tmp_path: Path
) -> None:
    stop = Event()

    def stop_midway(progress: Progress) -> None:
        if progress.done > progress.total // 2:
            stop.set()

    with pytest.raises(Cancelled, match="is kept"):
        downloader.fetch(CONTROL, tmp_path / "model", stop_midway, stop)
    come = part_of(tmp_path / "model" / WEIGHTS).stat().st_size
    assert 0 < come < CONTROL.size_bytes
    locator = Locator(tmp_path, tmp_path)
    assert locator.find(replace(CONTROL, name="model")) is None
    assert locator.bytes_here(replace(CONTROL, name="model")) > come
    hub.forget()
    downloader.fetch(CONTROL, tmp_path / "model", ignore)
    assert [asked.range for asked in hub.asked if "/cdn/" in asked.path] == [f"bytes={come}-"]
    assert not any(asked.path.startswith("/api/") for asked in hub.asked)


def test_a_download_whose_line_is_silent_is_stopped_all_the_same(
    hub: Hub, downloader: Downloader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.download._TIMEOUT", None)  # it would be silent for ever
    stop, go_on = Event(), Event()
    hub.holds[WEIGHTS] = (1_000_000, go_on)

    def stop_in_silence(progress: Progress) -> None:
        if progress.file == WEIGHTS and progress.done >= 1_000_000:
            Timer(0.5, stop.set).start()

    with pytest.raises(Cancelled, match="is kept"):
        downloader.fetch(CONTROL, tmp_path / "model", stop_in_silence, stop)
    assert not go_on.is_set()
    assert part_of(tmp_path / "model" / WEIGHTS).stat().st_size == 1_000_000


def test_a_download_that_nobody_answers_is_stopped_before_its_next_attempt(
    downloader: Downloader, tmp_path: Path
) -> None:
    stop, home = Event(), tmp_path / "model"
    downloader.fetch(CONTROL, home, ignore)
    (home / WEIGHTS).unlink()
    alone = Downloader(endpoint="http://127.0.0.1:9", pause=lambda _: stop.set())
    with pytest.raises(Cancelled, match="is kept"):
        alone.fetch(CONTROL, home, ignore, stop)


def test_a_half_that_is_longer_than_the_file_is_thrown_away(downloader: Downloader, tmp_path: Path) -> None:
    home = tmp_path / "model"
    home.mkdir()
    part_of(home / WEIGHTS).write_bytes(bytes(4_000_000))
    manifest = downloader.fetch(CONTROL, home, ignore)
    assert manifest.damaged(home) == manifest.absent(home) == []


def test_what_came_wrong_is_fetched_once_more(hub: Hub, downloader: Downloader, tmp_path: Path) -> None:
    hub.spoilt[WEIGHTS] = 1
    manifest = downloader.fetch(CONTROL, tmp_path / "model", ignore)
    assert manifest.damaged(tmp_path / "model") == [] and hub.sent.count(WEIGHTS) == 2


def test_what_comes_wrong_again_and_again_is_told_and_never_used(
    hub: Hub, downloader: Downloader, tmp_path: Path
) -> None:
    hub.spoilt[WEIGHTS] = 9
    with pytest.raises(MaquetteError, match=f"sha256 of {WEIGHTS} is not") as caught:
        downloader.fetch(CONTROL, tmp_path / "model", ignore)
    assert caught.value.code == "MODEL_MISSING"
    assert not (tmp_path / "model" / WEIGHTS).exists() and not part_of(tmp_path / "model" / WEIGHTS).exists()


def test_a_damaged_file_is_found_and_it_alone_is_fetched_again(
    hub: Hub, downloader: Downloader, tmp_path: Path
) -> None:
    home = tmp_path / "model"
    downloader.fetch(CONTROL, home, ignore)
    content = bytearray((home / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (home / WEIGHTS).write_bytes(content)
    hub.forget()
    manifest = downloader.fetch(CONTROL, home, ignore)
    assert hub.sent == [WEIGHTS]
    assert manifest.damaged(home) == []


def test_force_fetches_all_of_it_anew(hub: Hub, downloader: Downloader, tmp_path: Path) -> None:
    downloader.fetch(CONTROL, tmp_path / "model", ignore)
    hub.forget()
    downloader.fetch(CONTROL, tmp_path / "model", ignore)
    assert hub.asked == []
    downloader.fetch(CONTROL, tmp_path / "model", ignore, force=True)
    assert WEIGHTS in hub.sent and any(asked.path.startswith("/api/") for asked in hub.asked)


def test_a_full_disk_is_told_with_both_numbers_before_anything_comes(hub: Hub, tmp_path: Path) -> None:
    short = Downloader(endpoint=hub.url, free=lambda folder: 150_000_000)
    with pytest.raises(MaquetteError, match=r"3 MB are still to come.*150 MB free") as caught:
        short.fetch(CONTROL, tmp_path / "model", ignore)
    assert caught.value.code == "MODEL_MISSING" and WEIGHTS not in hub.sent


def test_a_closed_repository_says_where_to_accept_what_and_how_to_tell_the_token(
    hub: Hub, controlnet: Path, tmp_path: Path
) -> None:
    hub.add(CONTROL.source, controlnet, str(CONTROL.revision), token="hf_right")
    page = f"https://huggingface.co/{CONTROL.source}"
    for token, said in (("hf_wrong", "may not read it"), (None, "no token was sent")):
        with pytest.raises(MaquetteError, match=said) as caught:
            Downloader(token, hub.url).fetch(CONTROL, tmp_path / "model", ignore)
        for word in (page, "HF_TOKEN", "HUGGINGFACE_TOKEN", "https://huggingface.co/settings/tokens"):
            assert word in caught.value.message
        assert "hf_wrong" not in caught.value.message
    Downloader("hf_right", hub.url).fetch(CONTROL, tmp_path / "model", ignore)
    assert all(asked.authorization is None for asked in hub.asked if asked.path.startswith("/cdn/"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "nobody/nothing"}, "no repository nobody/nothing"),
        ({"revision": "e" * 40}, "has no " + "e" * 40),
        ({"files": ("other.safetensors",)}, "none of the files other.safetensors"),
    ],
)
def test_what_the_hub_does_not_have_is_told(
    downloader: Downloader, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    card = replace(CONTROL, **change)  # type: ignore[arg-type]
    with pytest.raises(MaquetteError, match=said) as caught:
        downloader.fetch(card, tmp_path / "model", ignore)
    assert caught.value.code == "MODEL_MISSING"


def test_without_a_network_the_files_and_their_size_are_told(tmp_path: Path) -> None:
    with pytest.raises(MaquetteError, match=r"online.*kept.*1\.4 GB") as caught:
        Downloader(endpoint="http://127.0.0.1:9").fetch(CONTROL, tmp_path / "model", ignore)
    assert caught.value.code == "MODEL_MISSING" and WEIGHTS in caught.value.message
    assert all(f"models {way}" in caught.value.message for way in ("download", "import"))
    assert not (tmp_path / "model").exists()


def test_a_branch_is_pinned_to_its_commit_by_the_first_download(
    hub: Hub, downloader: Downloader, tmp_path: Path
) -> None:
    loose = replace(CONTROL, revision="main")
    assert downloader.fetch(loose, tmp_path / "model", ignore).revision == CONTROL.revision
    hub.forget()
    downloader.fetch(loose, tmp_path / "model", ignore)
    assert hub.asked == []


def test_two_downloads_of_one_model_do_not_write_into_each_other(
    downloader: Downloader, tmp_path: Path
) -> None:
    def again(progress: Progress) -> None:
        with pytest.raises(MaquetteError, match="is being downloaded already"):
            downloader.fetch(CONTROL, tmp_path / "model", ignore)

    downloader.fetch(CONTROL, tmp_path / "model", again)


def test_a_single_file_at_an_address_is_compared_with_its_checksum(hub: Hub, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "u2net.onnx").write_bytes(content)
    right = replace(
        CATALOGUE["u2net"],
        source=hub.put(tmp_path / "u2net.onnx"),
        size_bytes=len(content),
        md5=md5(content, usedforsecurity=False).hexdigest(),
    )
    hub.stops["/files/u2net.onnx"] = [100_000]
    downloader, models = Downloader(pause=lambda _: None), tmp_path / "models"
    downloader.fetch(right, models / "u2net", ignore)
    assert (models / "u2net" / "u2net.onnx").read_bytes() == content
    assert Locator(tmp_path, models).find(right) == models / "u2net"
    with pytest.raises(MaquetteError, match="md5"):
        downloader.fetch(replace(right, md5="0" * 32), tmp_path / "other", ignore)
    assert not (tmp_path / "other" / "u2net.onnx").exists()


def test_a_manifest_that_is_damaged_is_asked_for_again(
    hub: Hub, downloader: Downloader, tmp_path: Path
) -> None:
    home = tmp_path / "model"
    downloader.fetch(CONTROL, home, ignore)
    (home / ".maquette.json").write_text('{"cut')
    assert Manifest.read(home) is None
    hub.forget()
    downloader.fetch(CONTROL, home, ignore)
    assert Manifest.read(home) is not None and WEIGHTS not in hub.sent


def test_what_is_there_already_is_not_fetched(
    hub: Hub, downloader: Downloader, controlnet: Path, tmp_path: Path
) -> None:
    home = tmp_path / "model"
    home.mkdir()
    shutil.copy(controlnet / WEIGHTS, home)
    downloader.fetch(CONTROL, home, ignore)
    assert WEIGHTS not in hub.sent
