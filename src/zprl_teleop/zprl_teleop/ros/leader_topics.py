"""Subscribes to the motion of another arm or of a tracked tool that leads."""

import time

from geometry_msgs.msg import Pose, PoseStamped, TwistStamped
from rclpy.node import Node

from zprl_core.arm_mode import ArmMode
from zprl_core.ros import topics
from zprl_core.ros.poses import matrix_of, normalize
from zprl_msgs.msg import ArmStatus
from zprl_teleop.devices.leader import Leader, LeaderPose, LeaderTwist, Place
from zprl_teleop.teleop_command import DeviceKind, TeleopSettings


def leader_of(node: Node, settings: TeleopSettings) -> Leader:
    """Subscribes to the motion of the leader that the settings name."""
    s = settings
    if s.device == DeviceKind.TWIST:
        twists = LeaderTwist(topics.TELEOP_TWIST.name, s.silence_s, s.linear, s.angular, s.axes)
        topics.TELEOP_TWIST.subscribe(node, lambda m: _push_twist(twists, m, s.frame))
        return twists
    poses = LeaderPose(topics.TELEOP_POSE.name, s.silence_s, s.linear, s.angular, s.axes)
    topics.TELEOP_POSE.subscribe(node, lambda m: _push_pose(poses, m))
    topics.ARM_STATUS.subscribe(node, lambda m: poses.on_arm(_sent(m)))
    return poses


def _push_twist(leader: LeaderTwist, m: TwistStamped, frame: str) -> None:
    if m.header.frame_id != frame:
        leader.refuse(f"{leader.topic} is in frame {m.header.frame_id!r}: publish it in {frame}")
        return
    linear, angular = m.twist.linear, m.twist.angular
    leader.push((linear.x, linear.y, linear.z, angular.x, angular.y, angular.z), time.monotonic())


def _push_pose(leader: LeaderPose, m: PoseStamped) -> None:
    try:
        leader.push(_place(m.pose), time.monotonic())
    except ValueError as error:
        leader.refuse(f"{leader.topic}: {error}")


def _sent(m: ArmStatus) -> Place | None:
    """The place that the arm was sent to last; None while it follows nothing."""
    return _place(m.executed_target) if m.mode in (ArmMode.STREAM, ArmMode.HOLD) else None


def _place(pose: Pose) -> Place:
    """Raises ValueError when the quaternion is invalid, or a number is not finite."""
    normalize(pose)
    matrix = matrix_of(pose)
    return Place(matrix[:3, 3], matrix[:3, :3])
