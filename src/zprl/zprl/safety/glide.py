"""Between two control steps: an even motion from one target to the next, and its speed. No franky, no hardware."""

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from zprl.safety.target import Quaternion, Six, quaternion

SLACK = 1.2  # a glide lasts this many control steps: a target that comes a little late finds the tool still moving
STILL: Six = (0.0,) * 6


@dataclass(frozen=True)
class Wanted:
    """Where the tool shall be at one instant, and how fast: linear [m/s] and angular [rad/s], in the base frame."""

    pose: Six
    twist: Six = STILL


class Glide:
    """Times are seconds of the arm's own clock."""

    def __init__(self, pose: Six, period_s: float):
        self._lasts_s = SLACK * period_s
        self._from = self._to = pose
        self._began_s = float("-inf")

    def towards(self, pose: Six, now_s: float) -> None:
        """The newest target; one that was told before changes nothing."""
        if pose != self._to:
            self._from, self._to, self._began_s = self.at(now_s).pose, pose, now_s

    def at(self, now_s: float) -> Wanted:
        """Where the tool shall be at `now_s`."""
        part = (now_s - self._began_s) / self._lasts_s
        if part >= 1.0:
            return Wanted(self._to)
        pose = cast(Six, tuple(a + max(0.0, part) * (b - a) for a, b in zip(self._from, self._to, strict=True)))
        linear = np.subtract(self._to[:3], self._from[:3]) / self._lasts_s
        angular = rotation_between(quaternion(self._from), quaternion(self._to)) / self._lasts_s
        return Wanted(pose, cast(Six, (*linear.tolist(), *angular.tolist())))


def faded(wanted: Wanted, measured: Six, error_m: float, error_rad: float) -> Six:
    """The speed to feed forward: none where the tool lags by the error clip, as when something is in its way."""
    linear = _left(math.dist(wanted.pose[:3], measured[:3]), error_m)
    turn = np.linalg.norm(rotation_between(quaternion(measured), quaternion(wanted.pose)))
    angular = _left(float(turn), error_rad)
    twist = (*(linear * v for v in wanted.twist[:3]), *(angular * v for v in wanted.twist[3:]))
    return cast(Six, twist)


def rotation_between(start: Quaternion, end: Quaternion) -> Any:
    """(3,) the shortest way from one orientation to another: axis in the base frame times angle [rad]."""
    a, p = np.array(start[:3]), start[3]
    b, q = np.array(end[:3]), end[3]
    axis, cosine = p * b - q * a - np.cross(b, a), p * q + float(a @ b)  # of end times the inverse of start
    if cosine < 0.0:
        axis, cosine = -axis, -cosine  # the same orientation, the short way round
    sine = float(np.linalg.norm(axis))
    return axis * (2.0 * math.atan2(sine, cosine) / sine if sine > 1e-9 else 2.0)


def _left(error: float, clip: float) -> float:
    return max(0.0, 1.0 - error / clip)
