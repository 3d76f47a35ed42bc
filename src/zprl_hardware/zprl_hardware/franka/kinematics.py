"""Forward kinematics of an FR3 with Franka's hand, without driver or simulator."""

import math

from zprl_core.arms.fr3 import FLANGE_M, FRAMES, HAND_M, HAND_TURN
from zprl_core.target import Pose6

Axis = tuple[float, float, float]


def tool_at(joints: tuple[float, ...]) -> Pose6:
    """Return the tool's pose in the base frame for seven joint angles [rad].

    Takes about 20 us, as guards call it to look ahead.
    """
    at: Axis = (0.0, 0.0, 0.0)
    x, y, z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    for q, (a, quarters, d) in zip(joints, FRAMES, strict=True):
        at = _along(at, x, a)
        if quarters:
            y, z = _scaled(z, quarters), _scaled(y, -quarters)
        at = _along(at, z, d)
        x, y = _turned(x, y, q)
    at = _along(at, z, FLANGE_M + HAND_M)
    x, y = _turned(x, y, HAND_TURN)
    roll = math.atan2(-y[2], -z[2])  # 0 for a hand that points down
    return *at, roll, math.atan2(-x[2], math.hypot(x[0], x[1])), math.atan2(x[1], x[0])


def _along(at: Axis, axis: Axis, distance: float) -> Axis:
    return at[0] + distance * axis[0], at[1] + distance * axis[1], at[2] + distance * axis[2]


def _scaled(axis: Axis, by: float) -> Axis:
    return by * axis[0], by * axis[1], by * axis[2]


def _turned(x: Axis, y: Axis, angle: float) -> tuple[Axis, Axis]:
    """Rotate axes x and y about z."""
    c, s = math.cos(angle), math.sin(angle)
    return _along(_scaled(x, c), y, s), _along(_scaled(y, c), x, -s)
