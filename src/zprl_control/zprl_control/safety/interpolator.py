"""Linear interpolation from one target to the next between control steps. No franky, no hardware."""

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from zprl_core.target import Pose6, Quaternion, Twist6, quaternion

SLACK = 1.2  # an interpolation lasts this many control steps, so that a slightly late target finds the tool moving
STILL: Twist6 = (0.0,) * 6


@dataclass(frozen=True)
class Setpoint:
    """Desired tool pose and twist at one instant: linear [m/s] and angular [rad/s], in the base frame."""

    pose: Pose6
    twist: Twist6 = STILL


class SetpointInterpolator:
    """Interpolates between tool targets. Times are seconds on the arm's own clock."""

    def __init__(self, pose: Pose6, period_s: float):
        self._lasts_s = SLACK * period_s
        self._from = self._to = pose
        self._began_s = float("-inf")

    def towards(self, pose: Pose6, now_s: float) -> None:
        """Sets the newest target; a repeated target has no effect."""
        if pose != self._to:
            self._from, self._to, self._began_s = self.at(now_s).pose, pose, now_s

    def at(self, now_s: float) -> Setpoint:
        """Returns the setpoint at `now_s`."""
        part = (now_s - self._began_s) / self._lasts_s
        if part >= 1.0:
            return Setpoint(self._to)
        pose = cast(Pose6, tuple(a + max(0.0, part) * (b - a) for a, b in zip(self._from, self._to, strict=True)))
        linear = np.subtract(self._to[:3], self._from[:3]) / self._lasts_s
        angular = rotation_between(quaternion(self._from), quaternion(self._to)) / self._lasts_s
        return Setpoint(pose, cast(Twist6, (*linear.tolist(), *angular.tolist())))


class JointInterpolator:
    """Interpolates between joint targets [rad]. Times are seconds on the arm's own clock."""

    def __init__(self, joints: tuple[float, ...], period_s: float):
        self._lasts_s = SLACK * period_s
        self._from = self._to = joints
        self._began_s = float("-inf")

    def towards(self, joints: tuple[float, ...], now_s: float) -> None:
        """Sets the newest target; a repeated target has no effect."""
        if joints != self._to:
            self._from, self._to, self._began_s = self.at(now_s)[0], joints, now_s

    def at(self, now_s: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Returns the angles [rad] at `now_s` and their speeds [rad/s]."""
        part = (now_s - self._began_s) / self._lasts_s
        if part >= 1.0:
            return self._to, (0.0,) * len(self._to)
        way = [b - a for a, b in zip(self._from, self._to, strict=True)]
        joints = tuple(a + max(0.0, part) * d for a, d in zip(self._from, way, strict=True))
        return joints, tuple(d / self._lasts_s for d in way)


@dataclass(frozen=True)
class Reach:
    """Greatest deflection of the springs [m, rad] and ratios of stiffness to damping [1/s]."""

    meters: float
    radians: float
    linear: float  # stiffness / damping
    angular: float


def bounded(setpoint: Setpoint, measured: Pose6, reach: Reach) -> Setpoint:
    """Limits a setpoint so that springs and feed-forward together pull no harder than springs at `reach`.

    This bounds the force on a blocked tool in every direction of translation. The caller clips the deflection of the
    rotational springs.
    """
    way = np.subtract(setpoint.pose[:3], measured[:3])
    far = float(np.linalg.norm(way))
    x, y, z = np.add(measured[:3], way * min(1.0, reach.meters / max(far, 1e-9))).tolist()
    turn = float(np.linalg.norm(rotation_between(quaternion(measured), quaternion(setpoint.pose))))
    linear = _shortened(setpoint.twist[:3], reach.linear * (reach.meters - far))
    angular = _shortened(setpoint.twist[3:], reach.angular * (reach.radians - turn))
    return Setpoint((x, y, z, *setpoint.pose[3:]), cast(Twist6, (*linear, *angular)))


def rotation_between(start: Quaternion, end: Quaternion) -> Any:
    """Returns (3,): the shortest rotation between two orientations, axis in the base frame times angle [rad]."""
    a, p = np.array(start[:3]), start[3]
    b, q = np.array(end[:3]), end[3]
    axis, cosine = p * b - q * a - np.cross(b, a), p * q + float(a @ b)  # end times the inverse of start
    if cosine < 0.0:
        axis, cosine = -axis, -cosine  # the same orientation, by the shorter rotation
    sine = float(np.linalg.norm(axis))
    return axis * (2.0 * math.atan2(sine, cosine) / sine if sine > 1e-9 else 2.0)


def _shortened(vector: tuple[float, ...], most: float) -> list[float]:
    length = math.hypot(*vector)
    return [v * min(1.0, max(0.0, most) / max(length, 1e-9)) for v in vector]
