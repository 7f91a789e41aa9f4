"""Training that is stopped and continued."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from training.loop import Plan, train
from training.states import DamagedState

PLAN = Plan(steps=12, rate=0.01, warm_up=2, save_every=0.0)


class Stopped(Exception):
    pass


def fitted(file: Path, stop_at: int | None = None, source: str = "lines") -> Tensor:
    torch.manual_seed(0)
    model = nn.Linear(3, 1)

    def loss_of(step: int) -> Tensor:
        if step == stop_at:
            raise Stopped
        x = torch.randn(8, 3)
        loss: Tensor = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
        return loss

    average = train("line", file, model, PLAN, loss_of, source)
    assert isinstance(average, nn.Linear)
    return average.weight.detach()


def test_a_stopped_run_continues_to_the_same_weights(tmp_path: Path) -> None:
    unbroken = fitted(tmp_path / "one.pt")
    with pytest.raises(Stopped):
        fitted(tmp_path / "two.pt", stop_at=7)
    assert torch.equal(fitted(tmp_path / "two.pt"), unbroken)


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
    rates = [plan.rate_at(step) for step in (0, 99, 500, 999)]
    assert rates[0] < 0.02
    assert rates[1] > 0.95 * max(rates)
    assert rates[1] > rates[2] > rates[3]
    assert rates[3] == pytest.approx(0.05, abs=0.01)
