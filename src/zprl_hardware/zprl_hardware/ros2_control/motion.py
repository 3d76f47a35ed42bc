"""Setpoints between two targets and in a reset: one value for each joint, or for each axis of a pose."""

import math
from collections.abc import Sequence
from typing import Protocol

from zprl_control.safety.interpolator import SLACK

Values = tuple[float, ...]


class Motion(Protocol):
    """Setpoints over time [s of one monotonic clock]."""

    def at(self, now_s: float) -> Values:
        """The setpoint at `now_s`."""


class Interpolator:
    """Interpolates linearly from one target to the next, over slightly more than the time between targets."""

    def __init__(self, start: Sequence[float], period_s: float, speed: float = math.inf):
        """`speed`: greatest change of any value [1/s]; farther targets are approached as far as it allows."""
        self._lasts_s = SLACK * period_s
        self._most = speed * period_s
        self._from = self._to = tuple(start)
        self._began_s = -math.inf

    @property
    def goal(self) -> Values:
        """End of the motion."""
        return self._to

    def towards(self, target: Sequence[float], now_s: float) -> None:
        """Sets the newest target."""
        far = max(abs(b - a) for a, b in zip(self._to, target, strict=True))
        part = min(1.0, self._most / far) if far > 0.0 else 1.0
        goal = tuple(a + part * (b - a) for a, b in zip(self._to, target, strict=True))
        if goal != self._to:
            self._from, self._to, self._began_s = self.at(now_s), goal, now_s

    def at(self, now_s: float) -> Values:
        part = min(1.0, max(0.0, (now_s - self._began_s) / self._lasts_s))
        return tuple(a + part * (b - a) for a, b in zip(self._from, self._to, strict=True))


class MinimumJerk:
    """Moves from rest to rest by 10 s^3 - 15 s^4 + 6 s^5 (Flash and Hogan 1985), as fast as `speeds` allow."""

    PEAK = 1.875  # greatest speed, in units of the mean one

    def __init__(self, start: Sequence[float], end: Sequence[float], speeds: Sequence[float], began_s: float):
        self._start, self.end, self._began_s = tuple(start), tuple(end), began_s
        ways = zip(start, end, speeds, strict=True)
        self.lasts_s = max(0.1, *(self.PEAK * abs(b - a) / speed for a, b, speed in ways))

    def part(self, now_s: float) -> float:
        """Share of the duration that has passed, 0 to 1."""
        return min(1.0, max(0.0, (now_s - self._began_s) / self.lasts_s))

    def over_s(self, now_s: float) -> float:
        """Time since the end [s]; negative before it."""
        return now_s - self._began_s - self.lasts_s

    def at(self, now_s: float) -> Values:
        s = self.part(now_s)
        way = s**3 * (10.0 - 15.0 * s + 6.0 * s * s)
        return tuple(a + way * (b - a) for a, b in zip(self._start, self.end, strict=True))
