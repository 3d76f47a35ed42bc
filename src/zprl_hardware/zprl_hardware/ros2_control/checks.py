"""Checks of the parameters of arm, guards and driver against each other, before anything moves."""

from zprl_control.safety import checks
from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.limits import Limits
from zprl_hardware.ros2_control.commander import NO_JOINTS, NO_URDF
from zprl_hardware.ros2_control.config import GripperInterface, Ros2ControlConfig


def check_settings(config: Ros2ControlConfig, limits: Limits, enable_at_start: bool) -> None:
    """Raises ValueError naming the parameter to change."""
    if enable_at_start and not config.simulated:
        raise ValueError(
            "enable_at_start lets a robot move without an operator; remove it, or set ros2_control.simulated to true "
            "if the robot is a simulation"
        )
    if config.joint_targets and not config.command_interface.in_joints:
        raise ValueError(NO_JOINTS)
    if config.command_interface.in_joints and not config.streams_solved_joints and not config.joint_targets:
        raise ValueError(NO_URDF)
    if len(limits.joint_low) != len(config.joints):
        raise ValueError(
            f"limits.joint_low and joint_high have {len(limits.joint_low)} angles, ros2_control.joints names "
            f"{len(config.joints)}; give the limits of each joint"
        )
    if config.gripper is not GripperInterface.NONE and limits.width > config.gripper_width + 1e-6:
        raise ValueError(
            f"limits.width is {limits.width:g} m, the gripper opens to ros2_control.gripper_width = "
            f"{config.gripper_width:g} m; lower limits.width"
        )
    _check_home(config, limits)


def _check_home(config: Ros2ControlConfig, limits: Limits) -> None:
    if config.command_interface.in_joints:
        why = joint_limit_reason(config.home_joints, (0.0,) * len(config.joints), limits)
        if why:
            raise ValueError(
                f"at ros2_control.home_joints {why.partition(':')[0]}; choose another home, or change the limits"
            )
    elif outside := checks.arming_reason(config.home_pose, limits):
        raise ValueError(
            f"at ros2_control.home_pose {outside.partition(';')[0]}; choose another home, or change limits.low "
            f"or limits.high"
        )
