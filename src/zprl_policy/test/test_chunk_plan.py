"""The targets of a chunk, one after the other."""

import numpy as np
import pytest

from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction, JointAction
from zprl_core.observation import Observation, Pose
from zprl_policy.chunk_plan import planned

SEEN = Observation.of_arm(1, Pose((0.4, 0.0, 0.2)), 0.08)
FORWARD = np.array([1.0, 0.0, 0.0, 0.5, 1.0], np.float32)


def test_deltas_add_up() -> None:
    plan = [targets[""].pose for targets in planned(PLANAR, [FORWARD] * 3, SEEN)]
    assert [p.position[0] for p in plan] == pytest.approx([0.42, 0.44, 0.46])
    assert [p.yaw for p in plan] == pytest.approx([0.05, 0.10, 0.15])
    assert SEEN.tool.position == (0.4, 0.0, 0.2)


def test_absolute_actions_do_not() -> None:
    spec = ActionSpec((ArmAction(motion=CartesianAction(absolute=True)),))
    one, two = planned(spec, [FORWARD, FORWARD], SEEN)
    assert one == two


def test_two_arms_and_joints_have_their_own() -> None:
    joints = JointAction(("j1", "j2"))
    spec = ActionSpec((ArmAction("left"), ArmAction("right", joints, gripper=None)))
    seen = Observation(1, {"left/tool": Pose((0.4, 0.0, 0.2)), "right/joints": np.array([0.1, 0.2])})
    plan = planned(spec, [np.array([*FORWARD, 1.0, -1.0], np.float32)] * 2, seen)
    assert plan[1]["left"].pose.position[0] == pytest.approx(0.44)
    assert plan[1]["right"].joints == pytest.approx((0.2, 0.1))


def test_an_action_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        planned(PLANAR, [FORWARD * np.nan], SEEN)
