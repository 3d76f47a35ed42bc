"""The error of a base's actions on episodes that it did not see, by numbers worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.training.action_error import PHASES, action_errors
from zprl.training.demos import Demos
from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import ArmAction
from zprl_core.observation_spec import arm_observation

SPEC = arm_observation(("cube",))
ENDS = np.array([30, 60])


def demos(action: float, gripper: float, spec: ActionSpec = PLANAR) -> Demos:
    """Two episodes of 30 steps, with one action throughout."""
    rng = np.random.default_rng(0)
    actions = np.full((60, spec.size), action, np.float32)
    if spec.arms[0].gripper is not None:
        actions[:, -1] = gripper
    return Demos(rng.uniform(-1, 1, (60, SPEC.state_size)).astype(np.float32), actions, ENDS, "t", 0, SPEC, spec)


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> BasePolicy:
    """A base that always moves with 0.2 and opens the gripper."""
    torch.manual_seed(0)
    made = BasePolicy(BaseConfig(SPEC, latent_dim=2, hidden=8))
    chunk = torch.full((made.config.horizon, made.chunk_shape[1]), 0.2)
    chunk[:, -1] = 1.0
    monkeypatch.setattr(made, "chunk", lambda z, x_0: chunk.expand(len(z), -1, -1))
    return made


def test_each_phase_has_its_error(base: BasePolicy) -> None:
    errors = action_errors(base, demos(0.5, gripper=1.0))
    assert [(e.phase, e.steps) for e in errors] == [(name, 20) for name in PHASES]
    for e in errors:
        assert e.motion == pytest.approx(0.3, abs=1e-6) and e.demonstrated == pytest.approx(0.5)
        assert e.gripper == 0.0


def test_a_gripper_that_does_the_reverse_is_counted_where_it_happens(base: BasePolicy) -> None:
    closes = demos(0.2, gripper=1.0)
    closes.actions[20:30, -1] = closes.actions[50:60, -1] = -1.0
    first, second, last = action_errors(base, closes)
    assert first.gripper == 0.0 and 0.0 < second.gripper < 1.0 and last.gripper == 1.0
    assert first.motion == pytest.approx(0.0, abs=1e-6)


def test_an_arm_without_gripper_has_motion_only(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = replace(PLANAR, arms=(ArmAction(gripper=None),))
    made = BasePolicy(BaseConfig(SPEC, latent_dim=2, hidden=8, action=spec))
    still = torch.zeros(made.config.horizon, spec.size)
    monkeypatch.setattr(made, "chunk", lambda z, x_0: still.expand(len(z), -1, -1))
    for e in action_errors(made, demos(0.5, 0.0, spec)):
        assert e.motion == e.demonstrated == pytest.approx(0.5) and math.isnan(e.gripper)


def test_the_last_episodes_are_held_out() -> None:
    whole = demos(0.5, 1.0)
    seen, unseen = whole.split(1)
    assert list(seen.episode_ends) == [30] and list(unseen.episode_ends) == [30]
    assert np.array_equal(unseen.observations, whole.observations[30:])
    for held_out in (0, 2):
        with pytest.raises(ValueError, match="of 2 demonstrations cannot be held out"):
            whole.split(held_out)
