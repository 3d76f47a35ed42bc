"""Records to messages and back. The messages are the real ones."""

import numpy as np
import pytest

pytest.importorskip("zprl_msgs")

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState

from zprl_core.action import ArmTarget
from zprl_core.observation import PlanarPose
from zprl_core.ros.conversions import (
    command_message,
    ns_from,
    object_from,
    time_from,
    tool_from,
    width_from,
)


@pytest.mark.parametrize("yaw", [0.0, 0.7, -3.0, 3.1])
def test_a_target_comes_back_as_the_pose_of_a_hand_that_points_down(yaw: float) -> None:
    tool = PlanarPose((0.4, -0.1, 0.2), yaw)
    message = command_message(ArmTarget(tool, 0.05), 7_000_000_003, "policy", 4)
    got = tool_from(message.target)
    assert got.position == tool.position and got.yaw == pytest.approx(yaw)
    assert ns_from(message.header.stamp) == 7_000_000_003 and message.gripper_width == 0.05


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
    assert ns_from(time_from(12_345_678_901)) == 12_345_678_901
