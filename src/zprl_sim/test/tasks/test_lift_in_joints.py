"""A task whose policy sees and commands joints."""

import numpy as np
import pytest

from zprl_core.arm_model import FR3
from zprl_core.latency import Latency
from zprl_core.observation_spec import StreamKind
from zprl_sim.demos.recorder import record
from zprl_sim.env import ArmEnv
from zprl_sim.tasks.lift_in_joints import LIFT_IN_JOINTS as TASK


def test_its_policy_sees_and_commands_joints() -> None:
    *_, joints = TASK.observation.streams
    assert (joints.name, joints.topic, joints.kind) == ("joints", "joint_states", StreamKind.JOINTS)
    assert joints.joints == FR3.joints and TASK.action.size == 8
    env = ArmEnv(TASK)
    state, info = env.reset(seed=0)
    assert state.shape == (5 + 1 + 5 + 7,) and env.action_space.shape == (8,)
    before = info["observation"].samples["joints"]
    action = np.array([1.0, 0.0, 0.0, -0.5, 0.0, 0.0, 0.0, 1.0], dtype=np.float32)  # 0.05 and -0.025 rad
    for _ in range(6):
        _, _, _, _, info = env.step(action)
    turned = info["observation"].samples["joints"] - before
    assert turned[0] > 0.1 and turned[3] < -0.05 and np.abs(turned[[1, 2, 4, 5, 6]]).max() < 0.02
    env.close()


@pytest.mark.parametrize("latency", [Latency.IDEAL, Latency.REAL])  # springs pull the tool only
def test_the_expert_lifts_the_cube_by_joints(latency: Latency) -> None:
    tried = []
    demos = record(TASK, 3, (1.0, 1.0), 0, lambda kept, count: tried.append(count), latency)
    assert tried[-1] == 3 and demos.action == TASK.action and np.abs(demos.actions).max() <= 1.0
    assert np.abs(demos.actions[:, :7]).max() == pytest.approx(1.0)  # the fastest joint is at its step
