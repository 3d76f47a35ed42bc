"""The limits that all guards use."""

import math
from dataclasses import dataclass
from typing import Annotated

from zprl_core.arm_model import FR3
from zprl_core.config.metadata import check_ranges, up_to
from zprl_core.target import Pose6, Twist6

NAMES = ("x", "y", "z", "roll", "pitch", "yaw")
BOX_M = 1.5  # largest extent of the workspace box to each side [m]; beyond the reach of an FR3
TURN = 2 * math.pi  # largest joint limit [rad]
# Sources of the ranges. Motion and joint_brake: FR3 limits on Franka's page "Robot and interface specifications", with
# somewhat less than its 3 m/s along each axis. Times: what an operator would still call prompt. Force and torque: what
# a simulated servo may exert.


@dataclass(frozen=True)
class Bounds:
    """Greatest speed, acceleration and jerk of a motion, one value per axis."""

    speed: tuple[float, ...]
    acceleration: tuple[float, ...]
    jerk: tuple[float, ...]


@dataclass(frozen=True)
class Limits:
    """Limits in the base frame; meters, radians, seconds, newtons. Field names are parameter names."""

    low: Annotated[Pose6, "lower limits of the workspace box: x, y, z, roll, pitch, yaw [m, rad]"] = (
        0.28, -0.30, 0.012, -0.2, -0.2, -2.8,
    )  # fmt: skip
    high: Annotated[Pose6, "upper limits of the workspace box: x, y, z, roll, pitch, yaw [m, rad]"] = (
        0.66, 0.30, 0.42, 0.2, 0.2, 2.8,
    )  # fmt: skip
    speed_m: Annotated[float, "greatest speed along each axis [m/s]", up_to(2)] = 0.4
    speed_rad: Annotated[float, "greatest speed about each axis [rad/s]", up_to(2.5)] = 2.0
    acceleration_m: Annotated[float, "greatest acceleration along each axis [m/s^2]", up_to(9)] = 3.0
    acceleration_rad: Annotated[float, "greatest acceleration about each axis [rad/s^2]", up_to(17)] = 12.0
    jerk_m: Annotated[float, "greatest jerk along each axis [m/s^3]", up_to(4500)] = 60.0
    jerk_rad: Annotated[float, "greatest jerk about each axis [rad/s^3]", up_to(8500)] = 240.0
    error_m: Annotated[float, "how far the target may lead the measured pose, along each axis [m]", up_to(0.25)] = 0.06
    error_rad: Annotated[float, "how far the target may lead the measured pose, about each axis [rad]", up_to(1.5)] = (
        0.4
    )
    far_m: Annotated[float, "distance from the measured pose beyond which a command is refused [m]", up_to(1)] = 0.25
    far_rad: Annotated[float, "angle to the measured pose beyond which a command is refused [rad]", up_to(3.2)] = 1.5
    width: Annotated[float, "greatest opening of the gripper [m]", up_to(0.2)] = 0.08
    force: Annotated[float, "external force at which the arm stops [N]", up_to(300)] = 40.0
    torque: Annotated[float, "external torque at which the arm stops [N m]", up_to(60)] = 8.0
    hold_s: Annotated[float, "time without a command after which the arm holds [s]", up_to(1)] = 0.2
    fault_s: Annotated[
        float, "time without a command after which only an operator can restart the arm [s]", up_to(10)
    ] = 1.0
    state_s: Annotated[float, "age of the arm's state beyond which motion stops [s]", up_to(1)] = 0.2
    camera_s: Annotated[float, "silence of a camera beyond which only an operator can move the arm [s]", up_to(5)] = 0.5
    enable_s: Annotated[float, "silence of the dead-man switch beyond which motion stops [s]", up_to(1)] = 0.3
    # The defaults are those of the FR3, from Franka's page "Robot and interface specifications".
    joint_low: Annotated[tuple[float, ...], "lower limit of each joint [rad]"] = FR3.joint_low
    joint_high: Annotated[tuple[float, ...], "upper limit of each joint [rad]"] = FR3.joint_high
    joint_margin: Annotated[
        float, "distance of a joint from its limit within which only an operator can move the arm [rad]", up_to(3.2)
    ] = 0.1
    joint_ahead_s: Annotated[
        float, "time that a joint is assumed to keep its speed before it brakes, because the arm lags [s]", up_to(2)
    ] = 0.3
    joint_brake: Annotated[float, "deceleration with which a joint is then assumed to brake [rad/s^2]", up_to(10)] = 8.0
    joint_speed: Annotated[float, "greatest speed of each joint under joint commands [rad/s]", up_to(2.5)] = 1.0
    joint_acceleration: Annotated[
        float, "greatest acceleration of each joint under joint commands [rad/s^2]", up_to(10)
    ] = 7.5
    joint_jerk: Annotated[float, "greatest jerk of each joint under joint commands [rad/s^3]", up_to(5000)] = 150.0
    joint_error: Annotated[float, "how far the target of a joint may lead the measured angle [rad]", up_to(1.5)] = 0.2
    joint_far: Annotated[
        float, "distance from the measured angles beyond which a joint command is refused [rad]", up_to(3.2)
    ] = 0.75

    def __post_init__(self) -> None:
        for name, low, high in zip(NAMES, self.low, self.high, strict=True):
            if not low < high:
                raise ValueError(f"the box of {name} is empty: {low} to {high}")
        if max(map(abs, (*self.low[3:], *self.high[3:]))) > math.pi or max(abs(self.low[4]), abs(self.high[4])) > 1.4:
            raise ValueError(
                "the box of roll and yaw must lie within -3.14..3.14 rad, that of pitch within -1.4..1.4 rad"
            )
        if not max(map(abs, (*self.low[:3], *self.high[:3]))) <= BOX_M:
            raise ValueError(
                f"the box of x, y and z must lie within -{BOX_M:g}..{BOX_M:g} m, got {self.low} to {self.high}"
            )
        check_ranges(self, "limits.")
        if not self.hold_s < self.fault_s:
            raise ValueError(f"hold_s must be below fault_s, got {self.hold_s} and {self.fault_s}")
        if self.far_m < self.error_m or self.far_rad < self.error_rad:
            raise ValueError("far_m and far_rad must not be below error_m and error_rad")
        if self.joint_far < self.joint_error:
            raise ValueError("joint_far must not be below joint_error")
        self._check_joints()

    @property
    def speed(self) -> Twist6:
        """Greatest speed of each axis."""
        return (self.speed_m,) * 3 + (self.speed_rad,) * 3

    @property
    def acceleration(self) -> Twist6:
        """Greatest acceleration of each axis."""
        return (self.acceleration_m,) * 3 + (self.acceleration_rad,) * 3

    @property
    def jerk(self) -> Twist6:
        """Greatest jerk of each axis."""
        return (self.jerk_m,) * 3 + (self.jerk_rad,) * 3

    @property
    def tool_bounds(self) -> Bounds:
        """Bounds of the tool's six axes."""
        return Bounds(self.speed, self.acceleration, self.jerk)

    @property
    def joint_bounds(self) -> Bounds:
        """Bounds of the joints."""
        count = len(self.joint_low)
        return Bounds((self.joint_speed,) * count, (self.joint_acceleration,) * count, (self.joint_jerk,) * count)

    @property
    def joint_box(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Lowest and highest angle [rad] that a joint command may request, for each joint."""
        low = tuple(end + self.joint_margin for end in self.joint_low)
        return low, tuple(end - self.joint_margin for end in self.joint_high)

    @property
    def error(self) -> Pose6:
        """Greatest lead of the target over the measured pose, for each axis."""
        return (self.error_m,) * 3 + (self.error_rad,) * 3

    @property
    def far(self) -> Pose6:
        """Distance beyond which a command is refused, for each axis."""
        return (self.far_m,) * 3 + (self.far_rad,) * 3

    def _check_joints(self) -> None:
        if not self.joint_low or len(self.joint_low) != len(self.joint_high):
            counts = f"{len(self.joint_low)} and {len(self.joint_high)}"
            raise ValueError(f"joint_low and joint_high need an angle for each joint of the arm, got {counts}")
        for number, (low, high) in enumerate(zip(self.joint_low, self.joint_high, strict=True), start=1):
            if not low + self.joint_margin < high - self.joint_margin:
                margin = f"a joint_margin of {self.joint_margin} rad"
                raise ValueError(f"joint {number} has no room between {low} and {high} rad with {margin}")
            if max(abs(low), abs(high)) > TURN:
                raise ValueError(
                    f"the limits of joint {number} must lie within -{TURN:.2f}..{TURN:.2f} rad, got {low} to {high}"
                )
