"""A task that a hand which points down cannot do."""

import numpy as np
import pytest

from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_core.rotation import Rotation
from zprl_sim.demos.expert import Expert
from zprl_sim.env import ArmEnv
from zprl_sim.lockstep_session import guarded
from zprl_sim.robot import SimRobot
from zprl_sim.sim_arm import WORKSPACE
from zprl_sim.tasks.angled_insert import ANGLED_INSERT as TASK
from zprl_sim.tasks.angled_insert import LEAN, TILT


@pytest.mark.parametrize("seed", range(4))
def test_a_perfect_expert_succeeds_with_a_tilted_hand(seed: int) -> None:
    robot = SimRobot(TASK, deployed=False)
    seen, expert = robot.reset(seed), Expert(TASK, 1.0, np.random.default_rng(seed))
    while not (robot.success or robot.timed_out):
        seen = robot.step(TASK.action.target(expert.act(seen), seen))
    assert robot.success
    assert seen.tool.roll == pytest.approx(seen.pose("socket").roll, abs=0.1) and seen.tool.roll > LEAN[0] - 0.1


def test_the_tool_goes_where_it_is_sent_with_roll_and_pitch() -> None:
    robot = SimRobot(TASK)
    robot.reset(0)
    wanted = Pose((0.48, 0.02, 0.25), 0.3, 0.5, -0.4)
    for _ in range(60):
        seen = robot.step(ArmTarget(wanted, 0.08))
    assert seen.tool.position == pytest.approx(wanted.position, abs=0.01)
    assert np.allclose(seen.tool.matrix, wanted.matrix, atol=0.05)


def test_the_socket_leans_as_it_was_drawn_and_is_seen_so() -> None:
    robot = SimRobot(TASK)
    leans = [robot.reset(seed).pose("socket").roll for seed in range(8)]
    assert all(LEAN[0] <= lean <= LEAN[1] for lean in leans) and len(set(leans)) == 8


def test_a_tilt_beyond_the_tasks_is_clipped_and_named() -> None:
    asked = ArmTarget(Pose((0.5, 0.0, 0.2), 0.0, 1.0, -0.2), 0.04)
    command = guarded(asked, WORKSPACE, TILT)
    assert command.target.pose.roll == TILT and command.target.pose.pitch == -0.2
    assert command.reason == "roll=1.000 is outside -0.8..0.8 rad"
    assert guarded(asked).target.pose == Pose((0.5, 0.0, 0.2))


def test_its_policy_sees_and_does_rotations() -> None:
    assert TASK.action.size == 7 and {stream.rotation for stream in TASK.observation.streams if stream.tool} == {
        Rotation.SIX
    }
    env = ArmEnv(TASK)
    state, _ = env.reset(seed=0)
    assert state.shape == (9 + 1 + 9 + 9,) and env.action_space.shape == (7,)
    env.close()
