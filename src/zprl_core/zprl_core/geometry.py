"""Rigid transforms as (4, 4) matrices, and as a position [m] with a quaternion x, y, z, w."""

import math

import numpy as np
import numpy.typing as npt

from zprl_core import rotation

Matrix = npt.NDArray[np.float64]
Position = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


def matrix_from(position: Position, quaternion: Quaternion) -> Matrix:
    """Returns (4, 4). Raises ValueError unless the quaternion has length 1 (+-0.001) and all numbers are finite."""
    length = math.hypot(*quaternion)
    if not (abs(length - 1.0) < 1e-3 and all(map(math.isfinite, position))):
        raise ValueError(f"position {position} and quaternion {quaternion} (length {length:.4g}) are not a valid pose")
    x, y, z, w = (v / length for v in quaternion)
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = position
    return matrix


def from_rpy(pose: tuple[float, float, float, float, float, float]) -> Matrix:
    """Returns (4, 4) for x, y, z [m] and roll, pitch, yaw [rad]: Rz(yaw) Ry(pitch) Rx(roll)."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation.from_rpy(*pose[3:])
    matrix[:3, 3] = pose[:3]
    return matrix


def position_from(matrix: Matrix) -> Position:
    """Returns the translation [m]."""
    x, y, z = (float(v) for v in matrix[:3, 3])
    return x, y, z


def quaternion_from(matrix: Matrix) -> Quaternion:
    """Returns x, y, z, w with w >= 0: the dominant eigenvector of Bar-Itzhack's symmetric matrix (2000)."""
    r = matrix[:3, :3]
    k = np.array(
        [
            [r[0, 0] - r[1, 1] - r[2, 2], 0.0, 0.0, 0.0],
            [r[1, 0] + r[0, 1], r[1, 1] - r[0, 0] - r[2, 2], 0.0, 0.0],
            [r[2, 0] + r[0, 2], r[2, 1] + r[1, 2], r[2, 2] - r[0, 0] - r[1, 1], 0.0],
            [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], r[0, 0] + r[1, 1] + r[2, 2]],
        ]
    )
    largest = np.linalg.eigh(k)[1][:, -1]  # eigh reads the lower triangle
    x, y, z, w = (float(v) for v in largest * (1.0 if largest[3] >= 0 else -1.0))
    return x, y, z, w


def inverse(matrix: Matrix) -> Matrix:
    """Returns the inverse transform."""
    back = np.eye(4)
    back[:3, :3] = matrix[:3, :3].T
    back[:3, 3] = -matrix[:3, :3].T @ matrix[:3, 3]
    return back


def angle(matrix: Matrix) -> float:
    """Returns the rotation angle [rad], 0..pi; accurate for small angles too."""
    r = matrix[:3, :3]
    sine = math.sqrt(float((r[2, 1] - r[1, 2]) ** 2 + (r[0, 2] - r[2, 0]) ** 2 + (r[1, 0] - r[0, 1]) ** 2)) / 2
    return math.atan2(sine, (float(np.trace(r)) - 1) / 2)
