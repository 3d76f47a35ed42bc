"""Commands as ROS messages, and what the simulation takes from them."""

import math

import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_core.observation import Pose
from zprl_core.ros.poses import object_message, tool_message
from zprl_msgs.msg import ArmCommand
from zprl_sim.ros.messages import target_from


def test_messages_and_poses_agree() -> None:
    pose = Pose((0.4, -0.1, 0.2), 1.2)
    command = ArmCommand(target=tool_message(pose), gripper_width=0.03)
    back = target_from(command)
    assert back.tool.position == pose.position
    assert back.tool.yaw == pytest.approx(pose.yaw)
    command.target = object_message(pose)
    with pytest.raises(ValueError, match="tilts the gripper"):
        target_from(command)


def test_a_command_in_joints_is_taken_whatever_its_pose_is() -> None:
    joints = [0.1 * k for k in range(7)]
    command = ArmCommand(joints=joints, gripper_width=math.nan)
    command.target.position.x = math.nan
    back = target_from(command)
    assert back.joints == tuple(joints) and back.tool is None and math.isnan(back.width)
    for wrong, why in (([0.0] * 6, "for 6 joints, but the arm has 7"), ([*joints[:6], math.inf], "not finite")):
        command.joints = wrong
        with pytest.raises(ValueError, match=why):
            target_from(command)
