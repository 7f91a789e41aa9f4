"""Training that is stopped and continued."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from training.loop import Plan, new_optimizers, train
from training.states import DamagedState

PLAN = Plan(steps=12, rate=0.01, warm_up=2, save_every=0.0)
MATRICES = replace(PLAN, matrices=("weight",))


class Stopped(Exception):
    pass


def fitted(file: Path, stop_at: int | None = None, source: str = "lines", plan: Plan = PLAN) -> Tensor:
    torch.manual_seed(0)
    model = nn.Linear(3, 1)

    def loss_of(step: int) -> Tensor:
        if step == stop_at:
            raise Stopped
        x = torch.randn(8, 3)
        loss: Tensor = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
        return loss

    average = train("line", file, model, plan, loss_of, source)
    assert isinstance(average, nn.Linear)
    return average.weight.detach()


@pytest.mark.parametrize("plan", [PLAN, MATRICES])
def test_a_stopped_run_continues_to_the_same_weights(tmp_path: Path, plan: Plan) -> None:
    unbroken = fitted(tmp_path / "one.pt", plan=plan)
    with pytest.raises(Stopped):
        fitted(tmp_path / "two.pt", stop_at=7, plan=plan)
    assert torch.equal(fitted(tmp_path / "two.pt", plan=plan), unbroken)


def test_muon_moves_the_matrices_that_are_named_and_adamw_all_else() -> None:
    model = nn.ModuleDict({"in": nn.Linear(2, 3), "block": nn.Linear(3, 3), "still": nn.Linear(3, 3)})
    model["still"].requires_grad_(False)
    adamw, muon = new_optimizers(model, Plan(steps=1, rate=0.1, matrices=("block",), matrix_rate=0.3)).items()
    moved = [{id(p) for group in each.param_groups for p in group["params"]} for each, _ in (adamw, muon)]
    assert moved[1] == {id(model["block"].weight)}
    assert moved[0] == {id(model["in"].weight), id(model["in"].bias), id(model["block"].bias)}
    assert [type(each) for each, _ in (adamw, muon)] == [torch.optim.AdamW, torch.optim.Muon]
    assert (adamw[1], muon[1]) == (0.1, 0.3)


def test_a_damaged_state_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "broken.pt"
    fitted(file)
    file.write_bytes(file.read_bytes()[:400])
    with pytest.raises(DamagedState, match=r"broken\.pt"):
        fitted(file)


def test_a_state_that_learned_from_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.pt"
    fitted(file)
    with pytest.raises(DamagedState, match=r"state\.pt cannot be continued .*other data"):
        fitted(file, source="curves")


def test_the_rate_rises_then_falls() -> None:
    plan = Plan(steps=1000, rate=1.0, warm_up=100)
    rates = [plan.share_at(step) for step in (0, 99, 500, 999)]
    assert rates[0] < 0.02
    assert rates[1] > 0.95 * max(rates)
    assert rates[1] > rates[2] > rates[3]
    assert rates[3] == pytest.approx(0.05, abs=0.01)
