"""What the judge is asked, how it learns from what it is asked, and how its answers count."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.cases import SIDE
from training.data import ToySet, keep_shard
from training.description import MATERIALS, Description
from training.judge import (
    FARTHEST,
    STANDING,
    Judge,
    all_labels,
    answers,
    disturbed,
    evening,
    likelihood,
    recoloured,
    shrunk,
    train_judge,
    without_looks,
    wrongness,
)
from training.questions import CHOICES, UNASKED, Answer, labels, shares

PLAIN = Description("car", "red")
RICH = Description("house", "blue", "white", "wood", "tall", "pencil", "table")
RIGHT = Answer("car", "red", "green", "none", "none", "none")


def random_pictures(count: int, side: int = SIDE) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0))


def test_every_question_gets_an_answer_from_its_choices() -> None:
    found = answers(Judge().eval(), random_pictures(3, side=256))
    assert len(found) == 3
    assert all(getattr(answer, name) in choices for answer in found for name, choices in CHOICES.items())


def test_a_picture_and_its_mirror_get_one_answer() -> None:
    torch.manual_seed(3)
    judge, pictures = Judge().eval(), random_pictures(8)
    assert answers(judge, pictures) == answers(judge, pictures.flip(3))


def test_logits_have_one_column_for_each_choice() -> None:
    found = Judge().eval()(random_pictures(2))
    assert {name: logits.shape for name, logits in found.items()} == {
        name: (2, len(choices)) for name, choices in CHOICES.items()
    }


def test_what_is_left_unsaid_is_none_but_a_second_colour_is_not_asked() -> None:
    asked = labels(PLAIN)
    assert [CHOICES[name][asked[name]] for name in ("kind", "colour", "material")] == ["car", "red", "none"]
    assert asked["second"] == UNASKED
    assert CHOICES["second"][labels(RICH)["second"]] == "white"


def test_an_unasked_question_costs_nothing() -> None:
    asked = all_labels([PLAIN, RICH])["second"]
    logits = torch.zeros(2, 12, requires_grad=True)
    loss = wrongness(logits, asked, torch.ones(12))
    loss.backward()
    assert loss.item() == pytest.approx(np.log(12))
    assert logits.grad is not None
    assert not logits.grad[0].any()
    assert logits.grad[1].any()
    assert wrongness(torch.zeros(1, 12), asked[:1], torch.ones(12)) == 0


def test_rare_materials_count_as_much_as_none_together() -> None:
    toys = [PLAIN] * 90 + [replace(PLAIN, material="glass")] * 10
    asked = all_labels(toys)["material"]
    weights = evening(asked, len(CHOICES["material"]))
    assert weights[asked].sum() == pytest.approx(100)
    assert 90 * weights[CHOICES["material"].index("none")] == pytest.approx(50)
    assert 10 * weights[MATERIALS.index("glass")] == pytest.approx(50)
    assert weights[MATERIALS.index("wood")] == 0


def test_the_colour_of_a_part_depends_on_the_kind() -> None:
    torch.manual_seed(0)
    head = Judge().second
    fine, coarse = torch.randn(1, 128, 16, 16), torch.randn(1, 224, 4, 4)
    kinds = torch.eye(len(CHOICES["kind"]))
    assert not torch.allclose(head(kinds[:1], fine, coarse), head(kinds[1:2], fine, coarse))


def test_pictures_are_shrunk_in_their_order() -> None:
    greys = np.arange(300, dtype=np.uint8)[:, None, None, None]
    pictures = np.broadcast_to(greys, (300, 256, 256, 3))
    data = ToySet({"picture": [pictures[:250], pictures[250:]]}, [PLAIN] * 300)
    small = shrunk(data)
    assert small.shape == (300, 3, SIDE, SIDE)
    assert small[:, 0, 5, 5].tolist() == greys.ravel().tolist()


def test_only_changed_pictures_have_their_channels_in_another_order() -> None:
    torch.manual_seed(0)
    pictures = torch.tensor([0.1, 0.5, 0.9]).view(1, 3, 1, 1).expand(200, 3, 2, 2)
    changed = torch.arange(200) < 100
    found = recoloured(pictures, changed)
    same = (found == pictures).all((1, 2, 3))
    assert torch.equal(found.sort(1).values, pictures)
    assert same[~changed].all()
    assert (~same).sum() > 60


def test_neither_colours_nor_sizes_are_asked_of_changed_pictures() -> None:
    asked = all_labels([RICH, PLAIN, RICH])
    said = without_looks(asked, torch.tensor([True, True, False]))
    for name in ("colour", "second", "size"):
        assert said[name].tolist() == [UNASKED, UNASKED, asked[name][2]]
    assert all(torch.equal(said[name], asked[name]) for name in ("kind", "material", "style"))
    assert UNASKED not in asked["colour"]


def test_toys_on_tables_come_more_often() -> None:
    assert likelihood([PLAIN, RICH]).tolist() == [1, STANDING]


def test_disturbed_pictures_are_shifted_over_white_each_its_own_way() -> None:
    torch.manual_seed(0)
    pictures = torch.ones(32, 3, SIDE, SIDE)
    pictures[:, :, 54:74, 54:74] = 0
    changed = torch.arange(32) < 16
    found = disturbed(pictures, changed)
    dark = found.mean(1) < 0.4
    areas = dark.sum((1, 2))
    assert areas[~changed].min() > 300
    assert areas[changed].float().mean() < 0.7 * areas[~changed].float().mean()
    assert areas[changed].min() > 300 / FARTHEST**2
    corners = {tuple(one.nonzero().amin(0).tolist()) for one in dark[~changed]}
    assert len(corners) > 8
    assert all(46 <= row <= 60 and 46 <= column <= 60 for row, column in corners)
    assert found[:, :, :44].min() > 0.7
    assert found.min() >= 0 and found.max() <= 1


def test_a_few_steps_change_every_head_and_leave_a_state_to_continue(tmp_path: Path) -> None:
    toys, cases = tmp_path / "toys", tmp_path / "cases"
    for folder, side in ((toys, 256), (cases, SIDE)):
        pictures = np.random.default_rng(0).integers(0, 256, (4, side, side, 3), dtype=np.uint8)
        keep_shard(folder, 0, {"picture": pictures}, [PLAIN, RICH] * 2)
    judge = train_judge((toys, cases), tmp_path / "judge.pt", steps=2, batch=4)
    assert (tmp_path / "judge.pt").exists()
    assert not judge.training
    torch.manual_seed(0)
    fresh = dict(Judge().named_parameters())
    still = {name for name, value in judge.named_parameters() if torch.equal(value, fresh[name])}
    assert not {name for name in still if name.startswith(("heads", "second.colours"))}


def test_shares_count_only_what_a_description_names() -> None:
    found = shares([RIGHT, RIGHT], [PLAIN, RICH])
    assert found == {"kind": 0.5, "colour": 0.5, "second": 0.0, "material": 0.0, "size": 0.0, "style": 0.0}
    good = Answer("house", "blue", "white", "wood", "wide", "pencil")
    assert shares([good], [RICH]) == {
        "kind": 1.0, "colour": 1.0, "second": 1.0, "material": 1.0, "size": 0.0, "style": 1.0
    }  # fmt: skip


def test_a_question_that_no_description_names_has_no_share() -> None:
    assert shares([RIGHT], [PLAIN]) == {"kind": 1.0, "colour": 1.0}
