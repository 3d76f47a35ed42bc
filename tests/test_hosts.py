"""Robot and learner on two hosts: nothing is lost when a cable is pulled. The short version of benchmarks/hosts.py."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fault_injector import audit
from namespaces import Hosts, allowed
from split_run import SplitRun
from tiny import tiny_base
from zprl.checkpoints.checkpoint import load_base
from zprl.rl.presets import CPU
from zprl.rl.steering import make_steering
from zprl.training.finetune import problem_size

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(not allowed(), reason="network namespaces need root and /dev/net/tun"),
]
DOMAIN = 92 + os.getpid() % 9


def until(condition: Callable[[], bool], timeout_s: float = 600.0) -> None:
    """Wait for a condition."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, "timed out"
        time.sleep(0.2)


def learned(run: SplitRun) -> int:
    """Return how many control steps the learner has, as its terminal said last."""
    return int(re.findall(r"^steps (\d+)", run.said("learner"), re.MULTILINE)[-1])


def test_a_pulled_cable_and_a_move_lose_nothing(tmp_path: Path) -> None:
    tiny_base(tmp_path / "base")
    base = load_base(tmp_path / "base")
    size = problem_size(base, make_steering(base, CPU.steering))
    with Hosts("robot", "learner", "pc") as hosts, SplitRun(hosts, tmp_path / "base", tmp_path, DOMAIN) as run:
        run.up("learner", "learner")
        run.up("robot", "robot")
        run.hear("robot")
        run.hear("pc")

        def steps_after(count: int) -> int:
            """Let the robot make `count` steps more, and return how many there are."""
            wanted = len(run.heard("robot")) + count
            until(lambda: len(run.heard("robot")) >= wanted)
            return wanted

        steps_after(100)
        hosts.pull("robot")
        steps_after(100)  # the robot goes on
        before = len(run.heard("pc"))
        hosts.plug("robot")
        hosts.switch.loss = 0.05
        until(lambda: len(run.heard("pc")) > before + 20)
        run.stop("learner")
        hosts.move("learner", "10.77.0.9")
        before = learned(run)
        run.up("learner", "learner")
        until(lambda: learned(run) > before + 200)  # more than it had stored since it said so last
        assert run.stop("robot") == run.stop("learner") == 130
    found = audit(run.run_folder("learner"), size, robots=[run.run_folder("robot").robots])
    assert (found.lost, found.duplicated, found.altered) == (0, 0, 0)
    assert found.stored + found.waiting == found.journaled > 30
    assert found.stored > 20
