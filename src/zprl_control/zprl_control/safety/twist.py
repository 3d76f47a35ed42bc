"""From a twist to a target: where a tool that moves so fast shall be next."""

from typing import cast

from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Twist6


def ahead(pose: Pose6, twist: Twist6, period_s: float, limits: Limits) -> Pose6:
    """The goal that keeps a tool at `pose` moving with about `twist` (m/s, rad/s, base frame) for `period_s`.

    The shaper comes to a rest at every goal, so the goal lies one period ahead and the braking distance beyond it.
    A faster twist than the limits allow is cut to them.
    """
    goal = []
    for p, v, top, a, j in zip(pose, twist, limits.speed, limits.acceleration, limits.jerk, strict=True):
        v = min(max(v, -top), top)
        goal.append(p + v * (period_s + braking_s(abs(v), a, j) / 2))
    return cast(Pose6, tuple(goal))


def braking_s(v: float, a: float, j: float) -> float:
    """Time from speed v to a rest within acceleration a and jerk j. The way is v times half of it."""
    return v / a + a / j if v * j > a * a else 2 * (v / j) ** 0.5
