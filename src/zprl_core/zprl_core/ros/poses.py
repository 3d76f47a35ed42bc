"""Converts poses to messages and back, for tools that may tilt and for objects.

A gripper that points straight down and an object that stands upright have a yaw only; their formulas are shorter and
exact.
"""

import math

import numpy as np
from geometry_msgs.msg import Pose as PoseMessage

from zprl_core import geometry
from zprl_core.observation import Pose

OVER = np.diag([1.0, -1.0, -1.0])  # Rx(pi): from a pose's R to the rotation of a gripper that points down


def tool_from(pose: PoseMessage) -> Pose:
    """Returns the pose of a gripper pointing down: q = Rz(yaw) Rx(pi) = (cos yaw/2, sin yaw/2, 0, 0) as x, y, z, w."""
    p, q = pose.position, pose.orientation
    return Pose((p.x, p.y, p.z), math.remainder(2.0 * math.atan2(q.y, q.x), math.tau))


def object_from(pose: PoseMessage) -> Pose:
    """Returns the pose of an upright object: its yaw about the base's z axis."""
    p, q = pose.position, pose.orientation
    yaw = math.atan2(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y * q.y + q.z * q.z))
    return Pose((p.x, p.y, p.z), yaw)


def tilted_tool_from(pose: PoseMessage) -> Pose:
    """Returns the tool's pose with roll and pitch. Raises ValueError when the quaternion is invalid."""
    p = pose.position
    return Pose.turned((p.x, p.y, p.z), _matrix(pose) @ OVER)


def tilted_object_from(pose: PoseMessage) -> Pose:
    """Returns an object's pose with roll and pitch. Raises ValueError when the quaternion is invalid."""
    p = pose.position
    return Pose.turned((p.x, p.y, p.z), _matrix(pose))


def tool_message(pose: Pose) -> PoseMessage:
    """Returns the message for the pose of a gripper."""
    if pose.roll or pose.pitch:
        return _message(pose, pose.matrix @ OVER)
    message = _at(pose)
    message.orientation.x, message.orientation.y = math.cos(pose.yaw / 2), math.sin(pose.yaw / 2)
    message.orientation.w = 0.0
    return message


def object_message(pose: Pose) -> PoseMessage:
    """Returns the message for the pose of an object."""
    if pose.roll or pose.pitch:
        return _message(pose, pose.matrix)
    message = _at(pose)
    message.orientation.z, message.orientation.w = math.sin(pose.yaw / 2), math.cos(pose.yaw / 2)
    return message


def _matrix(pose: PoseMessage) -> geometry.Matrix:
    p, q = pose.position, pose.orientation
    return np.asarray(geometry.matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))[:3, :3])


def _at(pose: Pose) -> PoseMessage:
    message = PoseMessage()
    message.position.x, message.position.y, message.position.z = pose.position
    return message


def _message(pose: Pose, rotation: geometry.Matrix) -> PoseMessage:
    message, matrix = _at(pose), np.eye(4)
    matrix[:3, :3] = rotation
    q = message.orientation
    q.x, q.y, q.z, q.w = geometry.quaternion_from(matrix)
    return message
