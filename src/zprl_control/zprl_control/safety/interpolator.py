"""Between two control steps: an even motion from one target to the next, and its speed. No franky, no hardware."""

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from zprl_core.target import Pose6, Quaternion, Twist6, quaternion

SLACK = 1.2  # a glide lasts this many control steps: a target that comes a little late finds the tool still moving
STILL: Twist6 = (0.0,) * 6


@dataclass(frozen=True)
class Setpoint:
    """Where the tool shall be at one instant, and how fast: linear [m/s] and angular [rad/s], in the base frame."""

    pose: Pose6
    twist: Twist6 = STILL


class SetpointInterpolator:
    """Times are seconds of the arm's own clock."""

    def __init__(self, pose: Pose6, period_s: float):
        self._lasts_s = SLACK * period_s
        self._from = self._to = pose
        self._began_s = float("-inf")

    def towards(self, pose: Pose6, now_s: float) -> None:
        """The newest target; one that was told before changes nothing."""
        if pose != self._to:
            self._from, self._to, self._began_s = self.at(now_s).pose, pose, now_s

    def at(self, now_s: float) -> Setpoint:
        """Where the tool shall be at `now_s`."""
        part = (now_s - self._began_s) / self._lasts_s
        if part >= 1.0:
            return Setpoint(self._to)
        pose = cast(Pose6, tuple(a + max(0.0, part) * (b - a) for a, b in zip(self._from, self._to, strict=True)))
        linear = np.subtract(self._to[:3], self._from[:3]) / self._lasts_s
        angular = rotation_between(quaternion(self._from), quaternion(self._to)) / self._lasts_s
        return Setpoint(pose, cast(Twist6, (*linear.tolist(), *angular.tolist())))


class JointInterpolator:
    """The same for joints [rad]. Times are seconds of the arm's own clock."""

    def __init__(self, joints: tuple[float, ...], period_s: float):
        self._lasts_s = SLACK * period_s
        self._from = self._to = joints
        self._began_s = float("-inf")

    def towards(self, joints: tuple[float, ...], now_s: float) -> None:
        """The newest target; one that was told before changes nothing."""
        if joints != self._to:
            self._from, self._to, self._began_s = self.at(now_s)[0], joints, now_s

    def at(self, now_s: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The angles [rad] at `now_s`, and their speeds [rad/s]."""
        part = (now_s - self._began_s) / self._lasts_s
        if part >= 1.0:
            return self._to, (0.0,) * len(self._to)
        way = [b - a for a, b in zip(self._from, self._to, strict=True)]
        joints = tuple(a + max(0.0, part) * d for a, d in zip(self._from, way, strict=True))
        return joints, tuple(d / self._lasts_s for d in way)


@dataclass(frozen=True)
class Reach:
    """How far springs are stretched at most [m, rad], and how fast their dampers let the tool go, per unit [1/s]."""

    metres: float
    radians: float
    linear: float  # stiffness / damping
    angular: float


def bounded(setpoint: Setpoint, measured: Pose6, reach: Reach) -> Setpoint:
    """What springs and feed-forward may be told: together they pull no harder than springs at their reach.

    In any direction of translation: a tool that is held back, or hits something, is pushed with that and no more. How
    far the rotation's springs are stretched is for who drives them to clip.
    """
    way = np.subtract(setpoint.pose[:3], measured[:3])
    far = float(np.linalg.norm(way))
    x, y, z = np.add(measured[:3], way * min(1.0, reach.metres / max(far, 1e-9))).tolist()
    turn = float(np.linalg.norm(rotation_between(quaternion(measured), quaternion(setpoint.pose))))
    linear = _shortened(setpoint.twist[:3], reach.linear * (reach.metres - far))
    angular = _shortened(setpoint.twist[3:], reach.angular * (reach.radians - turn))
    return Setpoint((x, y, z, *setpoint.pose[3:]), cast(Twist6, (*linear, *angular)))


def rotation_between(start: Quaternion, end: Quaternion) -> Any:
    """(3,) the shortest way from one orientation to another: axis in the base frame times angle [rad]."""
    a, p = np.array(start[:3]), start[3]
    b, q = np.array(end[:3]), end[3]
    axis, cosine = p * b - q * a - np.cross(b, a), p * q + float(a @ b)  # of end times the inverse of start
    if cosine < 0.0:
        axis, cosine = -axis, -cosine  # the same orientation, the short way round
    sine = float(np.linalg.norm(axis))
    return axis * (2.0 * math.atan2(sine, cosine) / sine if sine > 1e-9 else 2.0)


def _shortened(vector: tuple[float, ...], most: float) -> list[float]:
    length = math.hypot(*vector)
    return [v * min(1.0, max(0.0, most) / max(length, 1e-9)) for v in vector]
