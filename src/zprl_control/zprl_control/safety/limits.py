"""What an arm may be asked for. Every guard reads its numbers here."""

import math
from dataclasses import dataclass

from zprl_core.target import Pose6, Twist6

NAMES = ("x", "y", "z", "roll", "pitch", "yaw")
BOX_M = 1.5  # of the workspace box, to each side [m]: no FR3 reaches so far
TURN = 2 * math.pi  # of the ends of joints [rad]
# What no limit may be beyond. Motion, joint_brake: what an FR3 is made for, on Franka's page "Robot and interface
# specifications"; along each axis somewhat less than its 3 m/s. Times: what a person would still call prompt. Force
# and torque: what a simulated servo may press.
MOST = {
    "speed_m": (2.0, "m/s"), "speed_rad": (2.5, "rad/s"),
    "acceleration_m": (9.0, "m/s^2"), "acceleration_rad": (17.0, "rad/s^2"),
    "jerk_m": (4500.0, "m/s^3"), "jerk_rad": (8500.0, "rad/s^3"),
    "error_m": (0.25, "m"), "error_rad": (1.5, "rad"), "far_m": (1.0, "m"), "far_rad": (3.2, "rad"),
    "width": (0.2, "m"), "force": (300.0, "N"), "torque": (60.0, "N m"),
    "hold_s": (1.0, "s"), "fault_s": (10.0, "s"), "state_s": (1.0, "s"), "camera_s": (5.0, "s"), "enable_s": (1.0, "s"),
    "joint_margin": (3.2, "rad"), "joint_ahead_s": (2.0, "s"), "joint_brake": (10.0, "rad/s^2"),
}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Base frame; metres, radians, seconds, newtons. Field names are parameter names."""

    low: Pose6 = (0.28, -0.30, 0.012, -0.2, -0.2, -2.8)  # the workspace box of x, y, z, roll, pitch, yaw
    high: Pose6 = (0.66, 0.30, 0.42, 0.2, 0.2, 2.8)
    speed_m: float = 0.4  # along each axis [m/s]
    speed_rad: float = 2.0  # [rad/s]
    acceleration_m: float = 3.0  # [m/s^2]
    acceleration_rad: float = 12.0
    jerk_m: float = 60.0  # [m/s^3]
    jerk_rad: float = 240.0
    error_m: float = 0.06  # how far the goal may lead the measured pose, along each axis
    error_rad: float = 0.4
    far_m: float = 0.25  # a command farther from the measured pose is refused
    far_rad: float = 1.5
    width: float = 0.08  # opening of the gripper
    force: float = 40.0  # external force at which the arm stops [N]
    torque: float = 8.0  # [N m]
    hold_s: float = 0.2  # silence after which the arm holds
    fault_s: float = 1.0  # silence after which only a person starts it again
    state_s: float = 0.2  # age of the arm's state beyond which nothing moves
    camera_s: float = 0.5  # silence of a camera beyond which nobody but a person moves the arm
    enable_s: float = 0.3  # silence of the dead-man switch beyond which nothing moves
    # The ends of the joints, as many as the arm has [rad]; by default the FR3's, from Franka's page "Robot and
    # interface specifications".
    joint_low: tuple[float, ...] = (-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159)
    joint_high: tuple[float, ...] = (2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159)
    joint_margin: float = 0.1  # a joint so near to its end: nobody but a person moves the arm [rad]
    joint_ahead_s: float = 0.3  # or that gets there within so long at its speed, for the arm lags [s],
    joint_brake: float = 8.0  # and then braking so hard [rad/s^2]

    def __post_init__(self) -> None:
        for name, low, high in zip(NAMES, self.low, self.high, strict=True):
            if not low < high:
                raise ValueError(f"the box of {name} is empty: {low} to {high}")
        if max(map(abs, (*self.low[3:], *self.high[3:]))) > math.pi or max(abs(self.low[4]), abs(self.high[4])) > 1.4:
            raise ValueError("the box of roll and yaw lies within -3.14..3.14 rad, that of pitch within -1.4..1.4 rad")
        if not max(map(abs, (*self.low[:3], *self.high[:3]))) <= BOX_M:
            raise ValueError(f"the box of x, y and z lies within -{BOX_M:g}..{BOX_M:g} m: {self.low} to {self.high}")
        self._check_numbers()
        if not self.hold_s < self.fault_s:
            raise ValueError(f"hold_s must be below fault_s, got {self.hold_s} and {self.fault_s}")
        if self.far_m < self.error_m or self.far_rad < self.error_rad:
            raise ValueError("far_m and far_rad must not be below error_m and error_rad")
        self._check_joints()

    @property
    def speed(self) -> Twist6:
        """Of each axis."""
        return (self.speed_m,) * 3 + (self.speed_rad,) * 3

    @property
    def acceleration(self) -> Twist6:
        """Of each axis."""
        return (self.acceleration_m,) * 3 + (self.acceleration_rad,) * 3

    @property
    def jerk(self) -> Twist6:
        """Of each axis."""
        return (self.jerk_m,) * 3 + (self.jerk_rad,) * 3

    @property
    def error(self) -> Pose6:
        """Of each axis."""
        return (self.error_m,) * 3 + (self.error_rad,) * 3

    @property
    def far(self) -> Pose6:
        """Of each axis."""
        return (self.far_m,) * 3 + (self.far_rad,) * 3

    def _check_numbers(self) -> None:
        for name, (most, unit) in MOST.items():
            value = getattr(self, name)
            if not value > 0:
                raise ValueError(f"limits.{name} must be positive, got {value}")
            if not value <= most:
                raise ValueError(f"limits.{name} is at most {most:g} {unit}, got {value:g}; write a smaller one")

    def _check_joints(self) -> None:
        if not self.joint_low or len(self.joint_low) != len(self.joint_high):
            counts = f"{len(self.joint_low)} and {len(self.joint_high)}"
            raise ValueError(f"joint_low and joint_high have an angle for each joint of the arm, got {counts}")
        for number, (low, high) in enumerate(zip(self.joint_low, self.joint_high, strict=True), start=1):
            if not low + self.joint_margin < high - self.joint_margin:
                margin = f"a joint_margin of {self.joint_margin} rad"
                raise ValueError(f"joint {number} has no room from {low} to {high} rad with {margin}")
            if max(abs(low), abs(high)) > TURN:
                raise ValueError(f"joint {number} ends within -{TURN:.2f}..{TURN:.2f} rad, got {low} to {high}")
