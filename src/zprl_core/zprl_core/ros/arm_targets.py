"""Reads from an arm's status what the arm executed."""

from zprl_core.action import ArmTarget
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.ros.poses import tilted_tool_from, tool_from
from zprl_core.rotation import Rotation
from zprl_msgs.msg import ArmStatus


def executed_target(arm: ArmAction, m: ArmStatus) -> ArmTarget | None:
    """Returns the target that the arm executed; None if its pose is invalid.

    Yaw actions assume a gripper that points straight down.
    """
    if m.executed_joints:
        return ArmTarget(None, m.executed_width, tuple(m.executed_joints))
    planar = isinstance(arm.motion, CartesianAction) and arm.motion.rotation == Rotation.YAW
    try:
        return ArmTarget((tool_from if planar else tilted_tool_from)(m.executed_target), m.executed_width)
    except ValueError:
        return None
