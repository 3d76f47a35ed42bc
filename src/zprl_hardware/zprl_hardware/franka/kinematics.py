"""Where an FR3's tool is when its joints are somewhere: forward kinematics with Franka's hand. No driver, no simulator.

The joint frames are those of Franka's page "Robot and interface specifications" (Denavit-Hartenberg as Craig writes
it); a Panda has the same.
"""

import math

from zprl_core.target import Pose6

# Of each joint: a [m] along x before it, quarters of a turn about x (alpha), d [m] along its axis.
FRAMES = (
    (0.0, 0, 0.333),
    (0.0, -1, 0.0),
    (0.0, 1, 0.316),
    (0.0825, 1, 0.0),
    (-0.0825, -1, 0.384),
    (0.0, 1, 0.0),
    (0.088, 1, 0.0),
)
FLANGE_M, HAND_M, HAND_TURN = 0.107, 0.1034, -math.pi / 4  # to the flange; from there to the point between the fingers
Axis = tuple[float, float, float]


def tool_at(joints: tuple[float, ...]) -> Pose6:
    """The tool's pose in the arm's base frame, by seven joint angles [rad]. Some 20 us: guards look ahead with it."""
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
    roll = math.atan2(-y[2], -z[2])  # a hand that points down has none
    return *at, roll, math.atan2(-x[2], math.hypot(x[0], x[1])), math.atan2(x[1], x[0])


def _along(at: Axis, axis: Axis, metres: float) -> Axis:
    return at[0] + metres * axis[0], at[1] + metres * axis[1], at[2] + metres * axis[2]


def _scaled(axis: Axis, by: float) -> Axis:
    return by * axis[0], by * axis[1], by * axis[2]


def _turned(x: Axis, y: Axis, angle: float) -> tuple[Axis, Axis]:
    """Axes x and y turned about z."""
    c, s = math.cos(angle), math.sin(angle)
    return _along(_scaled(x, c), y, s), _along(_scaled(y, c), x, -s)
