"""A target as the guards use it: the tool pose as six numbers, or joint angles."""

import math
from dataclasses import dataclass

Pose6 = tuple[float, float, float, float, float, float]  # x, y, z [m], roll, pitch, yaw [rad]
Twist6 = tuple[float, float, float, float, float, float]  # linear [m/s], angular [rad/s]
Wrench6 = tuple[float, float, float, float, float, float]  # force [N], torque [N m]
Quaternion = tuple[float, float, float, float]


@dataclass(frozen=True)
class Target:
    """A tool pose in the arm's base frame or joint angles, and a gripper width.

    `pose` is x, y, z [m], roll, pitch, yaw [rad]. With all angles 0 the gripper points straight down with its x axis
    along the base's: R = Rz(yaw) Ry(pitch) Rx(roll) Rx(pi).
    """

    pose: Pose6  # for a joint target: the approximate tool pose, which is not tracked
    width: float  # between the fingers [m]
    joints: tuple[float, ...] | None = None  # [rad] in the order of the arm's joints; None to move the tool to `pose`

    @property
    def finite(self) -> bool:
        """True if every number that is tracked is finite."""
        return all(map(math.isfinite, self.pose if self.joints is None else self.joints)) and math.isfinite(self.width)


def quaternion(pose: Pose6) -> Quaternion:
    """Returns the orientation as a quaternion x, y, z, w."""
    r, p, y = (angle / 2 for angle in pose[3:])
    cr, sr, cp, sp, cy, sy = math.cos(r), math.sin(r), math.cos(p), math.sin(p), math.cos(y), math.sin(y)
    w = cr * cp * cy + sr * sp * sy
    x = sr * cp * cy - cr * sp * sy
    yy = cr * sp * cy + sr * cp * sy
    z = cr * cp * sy - sr * sp * cy
    return w, z, -yy, -x  # (x, y, z, w) times Rx(pi) = (1, 0, 0, 0)


def pose_from(position: tuple[float, float, float], orientation: Quaternion) -> Pose6:
    """Converts a position [m] and a quaternion x, y, z, w. Raises ValueError unless its length is 0.5 to 2."""
    length = math.sqrt(sum(v * v for v in orientation))
    if not 0.5 < length < 2.0:
        raise ValueError(f"a quaternion has length {length:.3g}; it must be 1")
    a, b, c, d = (v / length for v in orientation)
    x, y, z, w = -d, -c, b, a  # undo Rx(pi)
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return *position, roll, pitch, yaw
