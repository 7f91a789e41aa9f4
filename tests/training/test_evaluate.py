"""What `training.evaluate` prints, refuses and writes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from training.evaluate import PARTS, main
from training.export import JUDGE_FILE, OtherJudge, judge_beside, load_judge, save_judge
from training.judge import Judge
from training.measure_figures import FIGURES, Figure, Figures, missed, row, worst
from training.measure_page import page
from training.measure_starter import FILES, MissingWeights, Starter
from training.sheets import COLUMNS, kind_rows, picture_sheet, stacked, value_rows
from training.zoo import KINDS


def test_a_figure_below_its_bar_is_missed_and_one_at_it_reached() -> None:
    assert row("kind", 0.95).split() == ["kind", "0.950", ">=", "0.95", "reached"]
    assert row("kind", 0.9499).split()[-1] == "MISSED"


def test_a_bar_from_above_is_missed_by_more() -> None:
    assert row("tiny_error", 0.5).split() == ["tiny_error", "0.500", "<=", "0.50", "reached"]
    assert row("tiny_error", 0.51).split()[-1] == "MISSED"
    assert Figure("", most=0.0).verdict(0.1) == "MISSED"


def test_a_figure_without_a_bar_is_only_told() -> None:
    assert row("iou_least", 0.1).split() == ["iou_least", "0.100"]


def test_what_is_no_number_is_missed() -> None:
    assert missed({"kind": float("nan"), "tiny_error": float("nan"), "iou_least": float("nan")}) == [
        "kind",
        "tiny_error",
    ]


def test_the_worst_kinds_come_first() -> None:
    assert worst({"cat": [1, 0], "mug": [0, 0], "car": [1, 1]}) == "mug 0.00, cat 0.50, car 1.00"


def run(figures: Figures, tmp_path: Path, *arguments: str) -> int:
    return main(
        ["--starter", str(tmp_path), *arguments], {"some": lambda starter: figures}, tmp_path / "docs"
    )


def test_all_bars_reached_exit_with_nought(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"kind": 1.0, "iou_least": 0.0}, tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["kind", "1.000", ">=", "0.95", "reached"]
    assert json.loads(lines[-1]) == {"kind": 1.0, "iou_least": 0.0}


def test_a_missed_bar_exits_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"kind": 1.0, "surface_colour": 0.09}, tmp_path) == 1
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize("part", [name for name in PARTS if name != "judge"])
def test_a_part_that_is_not_there_is_named_without_a_traceback(
    part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--starter", str(tmp_path), "--only", part]) == 1
    said = capsys.readouterr()
    assert str(tmp_path) in said.err
    assert "python -m training.make_starter --only" in said.err
    assert json.loads(said.out) == {}


def test_other_parts_are_measured_beside_a_missing_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking(starter: Starter) -> Figures:
        raise MissingWeights("nothing here")

    parts = {"first": lacking, "second": lambda starter: {"kind": 1.0}}
    assert main(["--starter", str(tmp_path), "--sheets"], parts, tmp_path / "docs") == 1
    said = capsys.readouterr()
    assert "first: nothing here" in said.err
    assert json.loads(said.out.splitlines()[-1]) == {"kind": 1.0}
    assert not (tmp_path / "docs").exists()


def test_sheets_want_the_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run({}, tmp_path, "--sheets", "--only", "some")
    assert stopped.value.code == 2
    assert "--sheets" in capsys.readouterr().err


def test_an_unknown_part_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run({}, tmp_path, "--only", "moon")
    assert "some" in capsys.readouterr().err


def test_the_page_is_written_with_the_sheets(tmp_path: Path) -> None:
    drawn: list[Path] = []
    figures: Figures = {"kind": 0.5, "iou_pictures": 0.8}
    parts = {"some": lambda starter: figures}
    code = main(
        ["--sheets", "--starter", str(tmp_path)], parts, tmp_path, lambda docs, starter: drawn.append(docs)
    )
    assert code == 1
    assert drawn == [tmp_path]
    assert (tmp_path / "starter.md").read_text() == page(figures)


def test_the_page_has_every_figure_and_both_sheets() -> None:
    text = page({name: 0.5 for name in FIGURES})
    assert all(f"| `{name}` | {figure.meaning} | 0.500 |" in text for name, figure in FIGURES.items())
    assert "](pictures.png)" in text
    assert "](meshes.png)" in text
    assert "re-encodes renders" in text


@pytest.mark.parametrize(
    ("part", "file"), [(part, file) for part, (_, files) in FILES.items() for file in files]
)
def test_a_missing_file_is_named_with_the_stage_that_makes_it(part: str, file: str, tmp_path: Path) -> None:
    stage, files = FILES[part]
    for name in files:
        (tmp_path / part / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / part / name).touch()
    assert Starter(tmp_path).part(part) == tmp_path / part
    (tmp_path / part / file).unlink()
    with pytest.raises(MissingWeights) as error:
        Starter(tmp_path).part(part)
    assert f"{part}/{file} is not there" in str(error.value)
    assert str(error.value).endswith(f"--only {stage}`")


def test_a_missing_judge_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="judge.safetensors is not there.*--only judge"):
        _ = Starter(tmp_path, tmp_path / "judge.safetensors").judge


def test_a_set_made_elsewhere_is_judged_by_its_own_judge(tmp_path: Path) -> None:
    assert judge_beside(tmp_path) == JUDGE_FILE
    own = tmp_path / "judge.safetensors"
    save_judge(Judge(), own)
    assert judge_beside(tmp_path) == own
    asked: list[Path] = []

    def part(starter: Starter) -> dict[str, float]:
        asked.append(starter.judge_file)
        return {}

    main(["--starter", str(tmp_path), "--only", "judge"], {"judge": part}, tmp_path)
    assert asked == [own]


def test_a_judge_of_other_shapes_is_refused(tmp_path: Path) -> None:
    save_file({"heads.kind.weight": torch.zeros(2, 2)}, tmp_path / "judge.safetensors")
    with pytest.raises(OtherJudge, match="judge.safetensors"):
        load_judge(tmp_path / "judge.safetensors")


def test_the_sheet_shows_every_kind_in_two_colours_and_all_that_can_be_said() -> None:
    kinds, values = kind_rows(), value_rows()
    assert [toy.kind for toy in kinds] == [kind for kind in KINDS for _ in range(2)]
    assert len({(toy.kind, toy.colour) for toy in kinds}) == 2 * len(KINDS)
    assert len(values) == 5 * COLUMNS
    assert all(kinds[n].colour != kinds[n + 1].colour for n in range(0, len(kinds), 2))


def test_sheets_lie_below_each_other() -> None:
    sheet = picture_sheet(np.zeros((COLUMNS + 1, 8, 8, 3), np.uint8), side=8)
    assert sheet.size == (COLUMNS * 8, 16)
    assert stacked([sheet, sheet]).size == (COLUMNS * 8, 32)
