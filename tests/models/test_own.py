"""models.toml: the user's own models, and mistakes in it."""

from pathlib import Path

import pytest

from models.catalogue import CATALOGUE
from models.own import read_own
from tests.models.checkpoints import make_controlnet, make_sdxl


def read(data_dir: Path, text: str) -> tuple[list[str], list[str]]:
    """The names and the complaints that a text gives."""
    (data_dir / "models.toml").write_text(text)
    cards, problems = read_own(data_dir, CATALOGUE)
    return list(cards), problems


def test_without_the_file_there_is_nothing_and_nothing_wrong(tmp_path: Path) -> None:
    assert read_own(tmp_path, CATALOGUE) == ({}, [])


def test_a_repository_of_the_hub_is_described_as_its_table_says(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(
        '[dream]\nhub = "someone/dream"\nfamily = "sd"\ntitle = "Dream"\nsteps = 30\nguidance = 6\n'
        'scheduler = "Euler a"\nlicence = "CC0"\n'
    )
    cards, problems = read_own(tmp_path, CATALOGUE)
    card = cards["dream"]
    assert problems == []
    assert (card.source, card.revision, card.task, card.family) == ("someone/dream", "main", "image", "sd")
    assert (card.title, card.default_steps, card.default_guidance) == ("Dream", 30, 6)
    assert (card.scheduler, card.licence, card.native_size) == ("Euler a", "CC0", 512)
    assert not card.shipped


def test_one_file_of_a_repository_is_a_single_file(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[x]\nhub = "a/b"\nfile = "x.safetensors"\nfamily = "sdxl"\n')
    card = read_own(tmp_path, CATALOGUE)[0]["x"]
    assert (card.layout, card.files, card.native_size) == ("single file", ("x.safetensors",), 1024)


def test_folders_say_themselves_what_they_are(tmp_path: Path) -> None:
    make_sdxl(tmp_path / "mine")
    make_controlnet(tmp_path / "elsewhere" / "lines")
    text = f'[xl]\npath = "mine"\n[lines]\npath = "{tmp_path}/elsewhere/lines"\n'
    (tmp_path / "models.toml").write_text(text)
    cards, problems = read_own(tmp_path, CATALOGUE)
    assert problems == []
    assert (cards["xl"].task, cards["xl"].family, cards["xl"].native_size) == ("image", "sdxl", 1024)
    assert (cards["lines"].task, cards["lines"].family) == ("control", "sd")
    assert cards["xl"].path == tmp_path / "mine" and cards["xl"].size_bytes > 1_000_000


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[m]\nhub = "a/b"\nfamily = "sd"\nsteps = 900', "line 4, [m] steps '900': .* 150"),
        ('[m]\nhub = "a/b"\nfamily = "sd"\ncolour = 1', "line 4, [m] colour '1': .*not permitted"),
        ('[m]\nhub = "a/b"\nfamily = "sd"\nscheduler = "Eulr"', "line 4, [m] scheduler 'Eulr': .*Euler a"),
        ('[m]\nhub = "a b"\nfamily = "sd"', "line 2, [m] hub 'a b': "),
        ('[m]\nhub = "a/b"', "line 1, [m]: with hub it needs family"),
        ("[m]\nsteps = 3", "line 1, [m]: it needs either hub = .* or path"),
        ('[m]\npath = "nowhere"', "line 1: [m] path: there is no 'nowhere'"),
        ('[m]\npath = "models.toml"', "line 1: 'models.toml' is none of: a diffusers folder"),
        ("[m]\nhub = a/b", "line 2: Invalid value"),
        ('[sd15]\nhub = "a/b"\nfamily = "sd"', "line 1: [sd15]: the name is taken"),
        ('[Capital]\nhub = "a/b"\nfamily = "sd"', "line 1: [Capital]: a name is 1 to 64 of a-z"),
        ("[m.n]\nsteps = 3", "line 1, [m.n] n"),
        ("[m", "line 1: Expected ']'"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_other_tables_count(
    tmp_path: Path, table: str, said: str
) -> None:
    good = '[good]\nhub = "a/b"\nfamily = "sd"\n'
    for text, names, shift in ((f"{table}\n{good}", ["good"], 0), (f"{good}\n{table}\n", ["good"], 4)):
        found, problems = read(tmp_path, text)
        first, _, rest = said.partition("line ")
        number = int(rest.split(":")[0].split(",")[0])
        expected = f"models.toml, line {number + shift}" + rest.lstrip("0123456789")
        parts = expected.split(".*")
        assert found == names and len(problems) == 1
        assert problems[0].startswith(parts[0]) and parts[-1].strip() in problems[0]


def test_what_stands_before_the_first_table_is_told(tmp_path: Path) -> None:
    found, problems = read(tmp_path, 'steps = 3\n[good]\nhub = "a/b"\nfamily = "sd"\n')
    assert found == ["good"]
    assert problems == ["models.toml, line 1: steps stands outside the tables; begin one with [name]"]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_bytes(b"\xff\xfe\x00")
    assert read_own(tmp_path, CATALOGUE) == ({}, ["models.toml cannot be read (UnicodeDecodeError)"])
