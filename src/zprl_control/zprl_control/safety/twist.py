"""From a twist to a target: where a tool that moves so fast shall be next."""

import math
from typing import cast

from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Twist6


def ahead(pose: Pose6, twist: Twist6, period_s: float, limits: Limits) -> Pose6:
    """The goal that keeps a tool at `pose` moving with about `twist` (m/s, rad/s, base frame) for `period_s`.

    The shaper comes to a rest at every goal, so the goal lies one period ahead and the braking distance beyond it.
    A faster twist than the limits allow is cut to them.
    """
    goal = []
    rates = (*twist[:3], *angle_rates(pose, twist))
    for p, v, top, a, j in zip(pose, rates, limits.speed, limits.acceleration, limits.jerk, strict=True):
        v = min(max(v, -top), top)
        goal.append(p + v * (period_s + braking_s(abs(v), a, j) / 2))
    return cast(Pose6, tuple(goal))


def angle_rates(pose: Pose6, twist: Twist6) -> tuple[float, float, float]:
    """How fast roll, pitch and yaw of a tool at `pose` change [rad/s] when it turns with `twist` in the base frame.

    Pitch stays clear of a right angle (limits), where roll and yaw are not known apart.
    """
    _, _, _, _, pitch, yaw = pose
    wx, wy, wz = twist[3:]
    along = math.cos(yaw) * wx + math.sin(yaw) * wy
    across = math.cos(yaw) * wy - math.sin(yaw) * wx
    return along / math.cos(pitch), across, wz + math.tan(pitch) * along


def braking_s(v: float, a: float, j: float) -> float:
    """Time from speed v to a rest within acceleration a and jerk j. The way is v times half of it."""
    return v / a + a / j if v * j > a * a else 2 * (v / j) ** 0.5
