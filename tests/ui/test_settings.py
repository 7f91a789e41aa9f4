from pathlib import Path

import pytest

from models.runtime import DEVICES, DTYPES
from ui.settings import Settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without settings of ours and a folder without .env file."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MAQUETTE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(options: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is told about bad options, which must end the program with code 2."""
    with pytest.raises(SystemExit) as caught:
        Settings.from_options(options)
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_without_options_all_have_their_defaults() -> None:
    settings = Settings.from_options([])
    assert (settings.host, settings.port, settings.share, settings.login) == (None, None, False, None)
    assert (settings.device, settings.dtype, settings.model) == ("auto", "auto", "starter")
    assert (settings.queue_size, settings.keep_jobs, settings.data_dir) == (64, 1000, Path("data"))


def test_every_setting_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        Settings.from_options(["--help"])
    assert caught.value.code == 0
    told = capsys.readouterr().out
    assert [name for name in Settings.model_fields if f"--{name.replace('_', '-')}" not in told] == []


def test_options_are_read() -> None:
    options = ["--port", "8000", "--share", "--data-dir", "here", "--keep-hours", "1.5", "--device=cpu"]
    settings = Settings.from_options(options)
    assert (settings.port, settings.share, settings.keep_hours) == (8000, True, 1.5)
    assert (settings.data_dir, settings.device) == (Path("here"), "cpu")


def test_every_device_and_precision_that_there_is_can_be_set() -> None:
    for device in DEVICES:
        for dtype in DTYPES:
            settings = Settings.from_options(["--device", device, "--dtype", dtype])
            assert (settings.device, settings.dtype) == (device, dtype)


def test_the_environment_is_read_and_options_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAQUETTE_PORT", "8001")
    monkeypatch.setenv("MAQUETTE_OFFLINE", "true")
    settings = Settings.from_options(["--port", "8002"])
    assert (settings.port, settings.offline) == (8002, True)
    assert Settings.from_options(["--no-offline"]).offline is False


def test_a_dotenv_file_is_read_after_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("MAQUETTE_PORT=8003\nMAQUETTE_QUEUE_SIZE=5\nHF_TOKEN=for-somebody-else\n")
    monkeypatch.setenv("MAQUETTE_PORT", "8001")
    settings = Settings.from_options([])
    assert (settings.port, settings.queue_size) == (8001, 5)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAQUETTE_KEEP_HOURS", "")
    assert Settings.from_options([]).keep_hours is None


def test_the_folder_of_the_home_is_understood() -> None:
    assert Settings.from_options(["--data-dir", "~/maquette"]).data_dir == Path.home() / "maquette"


def test_name_and_password_are_taken_apart_at_the_first_colon_and_never_shown() -> None:
    settings = Settings.from_options(["--auth", "me:a:secret"])
    assert settings.login == ("me", "a:secret")
    assert "secret" not in repr(settings)


def test_the_upload_limit_is_told_in_bytes() -> None:
    assert Settings.from_options(["--max-upload-mb", "3"]).max_upload_bytes == 3_145_728


@pytest.mark.parametrize(
    ("option", "value", "limit"),
    [
        ("port", "99999", "65535"),
        ("port", "0", "1"),
        ("port", "http", "not a whole number"),
        ("queue-size", "0", "1"),
        ("keep-hours", "0", "0"),
        ("keep-hours", "nan", "1000000"),
        ("job-timeout", "-5", "0"),
        ("job-timeout", "inf", "1000000"),
        ("max-pixels", "10", "4096"),
        ("max-upload-mb", "many", "not a whole number"),
        ("device", "tpu", "'cpu', 'cuda'"),
        ("dtype", "int4", "'float16'"),
    ],
)
def test_a_bad_value_is_told_in_one_line_with_option_value_and_limit(
    option: str, value: str, limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refusal([f"--{option}", value], capsys)
    assert told.count("\n") == 1
    assert f"--{option} (or MAQUETTE_{option.upper().replace('-', '_')}): '{value}' " in told
    assert limit in told


def test_a_bad_variable_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAQUETTE_QUEUE_SIZE", "lots")
    assert "MAQUETTE_QUEUE_SIZE" in refusal([], capsys)


@pytest.mark.parametrize("auth", ["hidden", ":hidden", "hidden:"])
def test_a_bad_password_is_not_repeated(auth: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = refusal(["--auth", auth], capsys)
    assert "NAME:PASSWORD" in told
    assert "hidden" not in told


@pytest.mark.parametrize("options", [["--nonsense", "1"], ["stray"], ["--port"], ["--share=maybe"]])
def test_what_is_no_option_is_refused_without_a_traceback(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = refusal(options, capsys)
    assert "app.py: error:" in told
    assert "Traceback" not in told
