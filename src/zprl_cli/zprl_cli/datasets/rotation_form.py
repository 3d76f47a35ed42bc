"""The ways in which data sets write orientations."""

from collections.abc import Sequence
from enum import Enum

import numpy as np

from zprl_core import geometry, rotation
from zprl_core.rotation import Array

ROUNDED = 0.1  # how far a quaternion's length may be from 1 to be normalized


class RotationForm(str, Enum):
    """The numbers of an orientation in the base frame, after the three of the position."""

    QUATERNION = "quaternion"  # x, y, z, w
    QUATERNION_WXYZ = "quaternion_wxyz"  # w, x, y, z
    VECTOR = "rotation_vector"  # axis times angle [rad], robomimic's and robosuite's axis-angle
    ROWS = "rotation_6d_rows"  # the first two rows of the matrix, as in robomimic and PyTorch3D
    COLUMNS = "rotation_6d_columns"  # the first two columns, as in the actions of zprl
    RPY = "roll_pitch_yaw"  # [rad], about the fixed axes x, y, z
    NONE = "none"  # no number: a tool points straight down, an object stands upright

    @property
    def size(self) -> int:
        """Count of its numbers."""
        return {
            RotationForm.QUATERNION: 4, RotationForm.QUATERNION_WXYZ: 4, RotationForm.VECTOR: 3,
            RotationForm.ROWS: 6, RotationForm.COLUMNS: 6, RotationForm.RPY: 3, RotationForm.NONE: 0,
        }[self]  # fmt: skip

    def matrix(self, numbers: Sequence[float]) -> Array:
        """Returns (3, 3). Raises ValueError when the numbers are no rotation; not for NONE."""
        match self:
            case RotationForm.QUATERNION:
                return _of_quaternion(numbers)
            case RotationForm.QUATERNION_WXYZ:
                w, *xyz = numbers
                return _of_quaternion([*xyz, w])
            case RotationForm.VECTOR:
                return rotation.from_vector(numbers)
            case RotationForm.ROWS:
                return np.asarray(rotation.from_six(numbers).T)
            case RotationForm.COLUMNS:
                return rotation.from_six(numbers)
            case RotationForm.RPY:
                roll, pitch, yaw = numbers
                return rotation.from_rpy(roll, pitch, yaw)
            case RotationForm.NONE:
                raise ValueError("a pose without orientation has no rotation matrix")


def quaternion(matrix: Array) -> list[float]:
    """Returns x, y, z, w of a (3, 3) matrix, with w >= 0."""
    four = np.eye(4)
    four[:3, :3] = matrix
    return list(geometry.quaternion_from(four))


def rows(matrix: Array) -> list[float]:
    """Returns the first two rows of a (3, 3) matrix, one after the other."""
    return [float(x) for x in matrix[:2].ravel()]


def _of_quaternion(numbers: Sequence[float]) -> Array:
    length = float(np.linalg.norm(numbers))
    if not abs(length - 1.0) <= ROUNDED:
        raise ValueError(f"a quaternion has length {length:.4g} instead of 1; check which numbers it is")
    x, y, z, w = (float(q) / length for q in numbers)
    return np.asarray(geometry.matrix_from((0.0, 0.0, 0.0), (x, y, z, w))[:3, :3])
