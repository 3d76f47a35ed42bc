"""A sweep on a queue that answers at once: what is started, what waits for what, and what a failure leaves."""

import io
from pathlib import Path
from typing import Any

import pytest

from zprl.rl.config import Steer
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.sweep.plan import Method, Plan, make_plan
from zprl_cli.sweep.run_sweep import LOGS, Reserved, run_sweep
from zprl_cli.sweep.sweep_bar import SweepBar
from zprl_cli.sweep.token import Token, token_in
from zprl_cli.sweep.work import Outcome, Work


class FakeQueue:
    """Runs the commands in their order. `fails`: names of those that fail."""

    def __init__(self, *fails: str):
        self.fails = fails
        self.works: dict[str, Work] = {}
        self.needs: dict[str, tuple[str, ...]] = {}
        self.waiting: list[str] = []
        self.cancelled = False

    def start(self, work: Work, *needed: Any) -> str:
        self.works[work.name] = work
        self.needs[work.name] = needed
        self.waiting.append(work.name)
        return work.name

    def next_outcome(self, timeout_s: float) -> Outcome | None:
        name = self.waiting.pop(0)
        self.works[name].log.write_text(f"$ zprl {name}\n")
        return Outcome(name, 1.0, "exit code 2" if name in self.fails else "")

    def cancel(self) -> None:
        self.cancelled = True


class InterruptedQueue(FakeQueue):
    def next_outcome(self, timeout_s: float) -> Outcome | None:
        raise KeyboardInterrupt


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(RunOptions(), ("lift",), (Method(), Method(Steer.NOISE)), (0, 1), tmp_path)


@pytest.fixture
def token(tmp_path: Path) -> Token:
    return token_in(tmp_path / LOGS)


def test_bases_come_first_and_runs_wait_for_their_own(plan: Plan, token: Token) -> None:
    queue, said = FakeQueue(), io.StringIO()
    assert run_sweep(plan, queue, token, Reserved(2, 0.5), SweepBar(4, 0, said)) == []
    assert queue.needs == {
        "lift-seed0-base": (), "lift-seed1-base": (),
        "lift-seed0": ("lift-seed0-base",), "lift-noise-seed0": ("lift-seed0-base",),
        "lift-seed1": ("lift-seed1-base",), "lift-noise-seed1": ("lift-seed1-base",),
    }  # fmt: skip
    assert {work.cores for work in queue.works.values()} == {2}
    assert {name for name, work in queue.works.items() if work.gpus == 0.5} == {"lift-seed0-base", "lift-seed1-base"}
    assert {work.log.parent for work in queue.works.values()} == {token.path.parent}
    assert said.getvalue().splitlines() == [f"{run.name}: finished, 1 s" for run in plan.runs]


def test_a_run_waits_for_no_base_that_is_there(plan: Plan, token: Token) -> None:
    for run in plan.runs:
        run.base.folder.base.mkdir(parents=True, exist_ok=True)
        (run.base.folder.base / "checkpoint.json").touch()
    queue = FakeQueue()
    run_sweep(plan, queue, token, Reserved(), SweepBar(4, 0, io.StringIO()))
    assert queue.needs == {run.name: () for run in plan.runs}


def test_a_failure_is_returned_and_the_others_go_on(plan: Plan, token: Token) -> None:
    queue, said = FakeQueue("lift-seed0"), io.StringIO()
    failures = run_sweep(plan, queue, token, Reserved(), SweepBar(4, 0, said))
    assert [failure.name for failure in failures] == ["lift-seed0"] and not queue.waiting
    assert "lift-seed0: failed: exit code 2" in said.getvalue() and said.getvalue().count("finished") == 3


def test_an_interrupt_cancels_what_runs(plan: Plan, token: Token) -> None:
    queue = InterruptedQueue()
    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan, queue, token, Reserved(), SweepBar(4, 0, io.StringIO()))
    assert queue.cancelled
