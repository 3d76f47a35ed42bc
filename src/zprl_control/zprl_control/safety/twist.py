"""Converts a commanded twist to the tool's next target."""

import math
from typing import cast

from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Twist6


def ahead(pose: Pose6, twist: Twist6, period_s: float, limits: Limits) -> Pose6:
    """Returns the goal that keeps a tool at `pose` moving at about `twist` (m/s, rad/s, base frame) for `period_s`.

    The trajectory generator comes to rest at every goal, so the goal lies one period plus the braking distance ahead.
    The twist is clipped to the speed limits.
    """
    goal = []
    rates = (*twist[:3], *angle_rates(pose, twist))
    for p, v, top, a, j in zip(pose, rates, limits.speed, limits.acceleration, limits.jerk, strict=True):
        v = min(max(v, -top), top)
        goal.append(p + v * (period_s + braking_s(abs(v), a, j) / 2))
    return cast(Pose6, tuple(goal))


def angle_rates(pose: Pose6, twist: Twist6) -> tuple[float, float, float]:
    """Returns the rates of roll, pitch and yaw [rad/s] of a tool at `pose` that moves with `twist` in the base frame.

    The limits keep pitch away from a right angle, where roll and yaw are ambiguous.
    """
    _, _, _, _, pitch, yaw = pose
    wx, wy, wz = twist[3:]
    along = math.cos(yaw) * wx + math.sin(yaw) * wy
    across = math.cos(yaw) * wy - math.sin(yaw) * wx
    return along / math.cos(pitch), across, wz + math.tan(pitch) * along


def braking_s(v: float, a: float, j: float) -> float:
    """Returns the time to brake from speed v within acceleration a and jerk j; the distance is v times half of it."""
    return v / a + a / j if v * j > a * a else 2 * (v / j) ** 0.5
