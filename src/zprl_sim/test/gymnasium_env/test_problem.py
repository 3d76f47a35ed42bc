"""An environment that takes seeds of 32 bits only is refused at the start, where a run's seed needs more."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from zprl_sim.gymnasium_env import problem
from zprl_sim.gymnasium_env.problem import GymProblem


def test_an_environment_that_refuses_the_seed_of_the_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def restart(seed: int) -> Any:
        np.random.RandomState(seed)  # raises ValueError above 32 bits

    robot = SimpleNamespace(restart=restart, repeatable=True, close=lambda: None)
    monkeypatch.setattr(problem, "load_function", lambda name: None)
    monkeypatch.setattr(GymProblem, "robot", lambda self: robot)
    made = GymProblem("module:Small-v0", "module:expert")
    made.check(99)
    with pytest.raises(ValueError, match=r"refuses the reset .* of seed 200 .* give a --seed below 100"):
        made.check(200)
