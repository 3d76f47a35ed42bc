"""Where an FR3's tool is when its joints are somewhere: forward kinematics with Franka's hand. No driver, no simulator.

The joint frames are those of Franka's page "Robot and interface specifications" (Denavit-Hartenberg as Craig writes
it); a Panda has the same.
"""

import math

import numpy as np

from zprl_core.geometry import Matrix, from_rpy, position_from, quaternion_from
from zprl_core.target import Pose6, pose_from

QUARTER = math.pi / 2
# Of each joint: a [m] and alpha [rad] before it, d [m] along its axis.
FRAMES = (
    (0.0, 0.0, 0.333),
    (0.0, -QUARTER, 0.0),
    (0.0, QUARTER, 0.316),
    (0.0825, QUARTER, 0.0),
    (-0.0825, -QUARTER, 0.384),
    (0.0, QUARTER, 0.0),
    (0.088, QUARTER, 0.0),
)
FLANGE_M, HAND_M, HAND_TURN = 0.107, 0.1034, -math.pi / 4  # to the flange; from there to the point between the fingers


def tool_at(joints: tuple[float, ...]) -> Pose6:
    """The tool's pose in the arm's base frame, by seven joint angles [rad]."""
    pose = np.eye(4)
    for q, (a, alpha, d) in zip(joints, FRAMES, strict=True):
        pose = pose @ _turned_x(a, alpha) @ from_rpy((0.0, 0.0, d, 0.0, 0.0, q))
    pose = pose @ from_rpy((0.0, 0.0, FLANGE_M + HAND_M, 0.0, 0.0, HAND_TURN))
    return pose_from(position_from(pose), quaternion_from(pose))


def _turned_x(a: float, alpha: float) -> Matrix:
    return from_rpy((a, 0.0, 0.0, alpha, 0.0, 0.0))
