"""Converts poses to messages and back, for tools that may tilt and for objects.

A gripper that points straight down and an object that stands upright have a yaw only; their formulas are shorter and
exact.
"""

import math

import numpy as np
from geometry_msgs.msg import Pose as PoseMessage

from zprl_core import geometry
from zprl_core.observation import Pose

ROUNDED = 0.1  # how far a quaternion's length may be from 1 to be normalized
EXACT = 1e-6  # how far it may be from 1 to be used as it is
NO_YAW = 0.1  # sine of the angle from the vertical below which a direction has no yaw
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


def pose_message(matrix: geometry.Matrix) -> PoseMessage:
    """Returns the message for a (4, 4) transform."""
    message, q = PoseMessage(), geometry.quaternion_from(matrix)
    p, o = message.position, message.orientation
    p.x, p.y, p.z = geometry.position_from(matrix)
    o.x, o.y, o.z, o.w = q
    return message


def matrix_of(pose: PoseMessage) -> geometry.Matrix:
    """Returns (4, 4): the transform of a pose. Raises ValueError when the quaternion is invalid."""
    p, q = pose.position, pose.orientation
    return geometry.matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))


def normalize(pose: PoseMessage) -> bool:
    """Gives the quaternion length 1, if it was rounded. Returns True if it changed.

    Raises ValueError when its length is not near 1, for example in a message whose orientation was never set.
    """
    q = pose.orientation
    length = math.hypot(q.x, q.y, q.z, q.w)
    if not abs(length - 1.0) <= ROUNDED:
        raise ValueError(
            f"the quaternion ({q.x:.4g}, {q.y:.4g}, {q.z:.4g}, {q.w:.4g}) of a pose has length {length:.4g} instead of "
            f"1; set x, y, z, w of its orientation"
        )
    if abs(length - 1.0) <= EXACT:
        return False
    q.x, q.y, q.z, q.w = q.x / length, q.y / length, q.z / length, q.w / length
    return True


def has_yaw(pose: PoseMessage, tool: bool) -> bool:
    """Returns False where the yaw of `tool_from` or `object_from` is undefined, because the x axis is vertical.

    For a tool: because it points up.
    """
    q = pose.orientation
    if tool:
        return math.hypot(q.x, q.y) >= NO_YAW
    return math.hypot(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y * q.y + q.z * q.z)) >= NO_YAW


def _matrix(pose: PoseMessage) -> geometry.Matrix:
    return np.asarray(matrix_of(pose)[:3, :3])


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
