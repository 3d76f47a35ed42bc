"""Rotations as (3, 3) matrices, rotation vectors, 6-D rotations, and roll, pitch, yaw. Radians.

Roll, pitch and yaw are about the fixed axes x, y and z, in this order: R = Rz(yaw) Ry(pitch) Rx(roll).
"""

import math
from enum import Enum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Rotation(str, Enum):
    """The encoding of an orientation or a rotation increment."""

    YAW = "yaw"  # a rotation about the base's z axis; an orientation is its cosine and sine
    VECTOR = "rotation_vector"  # axis times angle [rad]
    SIX = "rotation_6d"  # the first two columns of the matrix (Zhou et al., CVPR 2019): continuous everywhere

    @property
    def size(self) -> int:
        """Number of components of a rotation in an action."""
        return {Rotation.YAW: 1, Rotation.VECTOR: 3, Rotation.SIX: 6}[self]

    @property
    def state_size(self) -> int:
        """Number of components of an orientation in a state."""
        return {Rotation.YAW: 2, Rotation.VECTOR: 3, Rotation.SIX: 6}[self]


def from_rpy(roll: float, pitch: float, yaw: float) -> Array:
    """Returns (3, 3) for roll, pitch, yaw [rad]."""
    sr, sp, sy = math.sin(roll), math.sin(pitch), math.sin(yaw)
    cr, cp, cy = math.cos(roll), math.cos(pitch), math.cos(yaw)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def to_rpy(matrix: Array) -> tuple[float, float, float]:
    """Returns roll, pitch, yaw [rad]. Where pitch is a right angle, roll is 0."""
    r = matrix
    flat = math.hypot(r[0, 0], r[1, 0])
    pitch = math.atan2(-r[2, 0], flat)
    if flat < 1e-9:
        return 0.0, pitch, math.atan2(-r[0, 1], r[1, 1])
    return math.atan2(r[2, 1], r[2, 2]), pitch, math.atan2(r[1, 0], r[0, 0])


def from_vector(vector: npt.ArrayLike) -> Array:
    """Returns (3, 3) for an axis times its angle (Rodrigues)."""
    v = np.asarray(vector, dtype=np.float64)
    angle = float(np.linalg.norm(v))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = v / angle
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(angle) * k + (1.0 - math.cos(angle)) * (k @ k))


def to_vector(matrix: Array) -> Array:
    """Returns (3,): axis times angle, with the angle in 0..pi."""
    r = matrix
    skew = np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    sine = float(np.linalg.norm(skew)) / 2
    angle = math.atan2(sine, (float(np.trace(r)) - 1.0) / 2)
    if sine > 1e-6:
        return np.asarray(skew * (angle / (2 * sine)))
    if angle < 1.0:
        return np.asarray(skew / 2)
    # half a turn: the axis is the largest column of (R + I) / 2
    columns = (r + np.eye(3)) / 2
    axis = columns[:, int(np.argmax(np.diag(columns)))]
    return np.asarray(axis / np.linalg.norm(axis) * angle)


def to_six(matrix: Array) -> Array:
    """Returns (6,): the first two columns, one after the other."""
    return np.concatenate([matrix[:, 0], matrix[:, 1]])


def from_six(six: npt.ArrayLike) -> Array:
    """Returns (3, 3) from two columns, by Gram-Schmidt. Raises ValueError when they do not span a plane."""
    six = np.asarray(six, dtype=np.float64)
    a, b = six[:3], six[3:]
    length = float(np.linalg.norm(a))
    if length < 1e-6:
        raise ValueError(f"the columns of a 6-D rotation do not span a plane: {six.round(3).tolist()}")
    x = a / length
    y = b - float(x @ b) * x
    length = float(np.linalg.norm(y))
    if length < 1e-6:
        raise ValueError(f"the columns of a 6-D rotation do not span a plane: {six.round(3).tolist()}")
    y = y / length
    return np.stack([x, y, np.cross(x, y)], axis=1)
