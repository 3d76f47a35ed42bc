"""Records to messages and back. The messages are the real ones."""

import numpy as np
import pytest

pytest.importorskip("zprl_msgs")

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState

from zprl.action import ArmTarget
from zprl.learner import ProblemSize
from zprl.observation import PlanarPose
from zprl.ros.conversions import (
    command_message,
    ns_of,
    object_from,
    time_of,
    tool_from,
    transition_from,
    transition_message,
    width_from,
)
from zprl.transition import Situation, Transition

SIZE = ProblemSize(embedding=3, latent=2, steered=2, scale=0.5)


def transition() -> Transition:
    rng = np.random.default_rng(0)

    def situation() -> Situation:
        return Situation(*(rng.normal(size=n).astype(np.float32) for n in (3, 2, 2, 2)))

    u = rng.uniform(-1, 1, 2).astype(np.float32)
    return Transition(situation(), u, 0.5, 4, True, False, situation(), weights=3, episode=2, stamp_ns=1_500_000_001)


def test_a_transition_crosses_the_wire_unchanged() -> None:
    sent = transition()
    message = transition_message(sent, "run", "robot", 9)
    got = transition_from(message, SIZE)
    assert (message.run, message.robot, message.sequence) == ("run", "robot", 9)
    for name in ("e", "mu", "logvar", "z"):
        assert np.array_equal(getattr(got.before, name), getattr(sent.before, name))
        assert np.array_equal(getattr(got.after, name), getattr(sent.after, name))
    assert np.array_equal(got.u, sent.u) and got.reward == sent.reward
    for name in ("steps", "terminated", "truncated", "weights", "episode", "stamp_ns"):
        assert getattr(got, name) == getattr(sent, name)


def test_a_transition_of_other_sizes_is_refused() -> None:
    message = transition_message(transition(), "run", "robot", 0)
    with pytest.raises(ValueError, match="3 numbers in e, this run needs 4"):
        transition_from(message, ProblemSize(4, 2, 2, 0.5))


def test_a_transition_that_is_not_finite_is_refused() -> None:
    message = transition_message(transition(), "run", "robot", 0)
    message.u[0] = float("nan")
    with pytest.raises(ValueError, match="not finite"):
        transition_from(message, SIZE)


@pytest.mark.parametrize("yaw", [0.0, 0.7, -3.0, 3.1])
def test_a_target_comes_back_as_the_pose_of_a_hand_that_points_down(yaw: float) -> None:
    tool = PlanarPose((0.4, -0.1, 0.2), yaw)
    message = command_message(ArmTarget(tool, 0.05), 7_000_000_003, "policy", 4)
    got = tool_from(message.target)
    assert got.position == tool.position and got.yaw == pytest.approx(yaw)
    assert ns_of(message.header.stamp) == 7_000_000_003 and message.gripper_width == 0.05


def test_an_object_yaws_about_z() -> None:
    pose = PoseStamped().pose
    pose.orientation.z, pose.orientation.w = np.sin(0.2), np.cos(0.2)
    assert object_from(pose).yaw == pytest.approx(0.4)


def test_the_gripper_is_as_open_as_its_fingers_are_apart() -> None:
    joints = JointState(name=["fr3_joint1", "fr3_finger_joint1", "fr3_finger_joint2"], position=[1.0, 0.02, 0.02])
    assert width_from(joints) == 0.04
    with pytest.raises(ValueError, match="finger_joint"):
        width_from(JointState(name=["fr3_joint1"], position=[1.0]))


def test_stamps_keep_their_nanoseconds() -> None:
    assert ns_of(time_of(12_345_678_901)) == 12_345_678_901
