"""Commands that try to get past the guards, and the ruler that their outputs are measured with."""

import math
from collections import deque
from typing import cast

import numpy as np

from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Target, Twist6

ROUNDING = 1e-6  # of a limit: what floating point may add
Angles = tuple[float, ...]
STRANGE = (math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, -0.0)


class Adversary:
    """Draws commands of many kinds; the arm that follows lags, and is pushed now and then."""

    def __init__(self, limits: Limits, seed: int):
        self.limits, self.rng = limits, np.random.default_rng(seed)
        self.low, self.high = np.array(limits.low), np.array(limits.high)
        self._goal = self.somewhere()

    def somewhere(self) -> Pose6:
        """A pose inside the box."""
        return _six(self.rng.uniform(self.low, self.high))

    def command(self, measured: Pose6) -> Target:
        """The next command."""
        rng, now = self.rng, np.array(measured)
        kind = rng.integers(0, 8)
        if kind == 0:  # anywhere, far outside too
            pose = rng.uniform(self.low - 0.5, self.high + 0.5)
        elif kind == 1:  # corners of the box
            pose = np.where(rng.random(6) < 0.5, self.low, self.high)
        elif kind == 2:  # a nervous policy
            pose = now + rng.choice([-1.0, 1.0], 6) * np.array(self.limits.far) * 0.99
        elif kind == 3:  # no numbers
            pose = now.copy()
            pose[rng.integers(0, 6)] = rng.choice(STRANGE)
        elif kind == 4:  # the edge itself, and one rounding error beyond
            pose = np.nextafter(np.where(rng.random(6) < 0.5, self.low, self.high), rng.choice([-np.inf, np.inf]))
        elif kind == 5:  # steady towards one goal
            if rng.random() < 0.05:
                self._goal = self.somewhere()
            pose = np.array(self._goal)
        else:  # a decent policy
            pose = now + rng.normal(0, 0.02, 6)
        width = float(rng.choice([*STRANGE, -1.0, 0.0, 0.04, 0.08, 2.0])) if rng.random() < 0.1 else 0.04
        return Target(_six(pose), width)

    def command_gain(self) -> float:
        """Of this command."""
        return float(self.rng.choice((1.0, 1.0, 3.0, 10.0)))

    def joints(self) -> tuple[Angles, Angles, bool]:
        """Angles, velocities, and whether only a person may move the arm then."""
        rng, limits = self.rng, self.limits
        low, high = np.array(limits.joint_low) + limits.joint_margin, np.array(limits.joint_high) - limits.joint_margin
        q, v, j = rng.uniform(low, high), np.zeros(7), rng.integers(0, 7)
        up, beyond = rng.random() < 0.5, rng.uniform(1e-9, limits.joint_margin)
        kind = rng.integers(0, 200)  # a guard that stops everything shows nothing of the others
        if kind == 0:  # at an end
            q[j] = high[j] + beyond if up else low[j] - beyond
        elif kind == 1:  # on its way there
            v[j] = self._speed((high[j] - q[j] if up else low[j] - q[j]) + (beyond if up else -beyond))
        elif kind == 2:  # no numbers
            (q if up else v)[j] = rng.choice((math.nan, math.inf, -math.inf))
        elif kind == 3:  # too few
            q = q[: rng.integers(0, 7)]
        elif kind < 50:  # fast, and not there yet
            v[j] = self._speed((0.99 if up else 0.5) * (high[j] - q[j]))
        return tuple(q.tolist()), tuple(v.tolist()), bool(kind < 4)

    def _speed(self, way: float) -> float:
        """At which a joint comes to a rest after `way`: late by `joint_ahead_s`, then braking with `joint_brake`."""
        late, brake = self.limits.joint_ahead_s, self.limits.joint_brake
        return math.copysign(brake * (math.sqrt(late**2 + 2 * abs(way) / brake) - late), way)

    def follows(self, measured: Pose6, told: Target) -> Pose6:
        """Where the arm is a step later."""
        pose = np.array(measured) + 0.7 * (np.array(told.pose) - np.array(measured))
        if self.rng.random() < 0.001:
            pose += self.rng.normal(0, 0.03, 6)
        return _six(pose)


class Excess:
    """How far outputs come to their limits: box, width, and differences of first to third order."""

    def __init__(self, limits: Limits, period_s: float):
        self.limits = limits
        self.count = 0
        self.worst = {"speed": 0.0, "acceleration": 0.0, "jerk": 0.0}
        self._bounds = {
            "speed": np.array(limits.speed) * period_s,
            "acceleration": np.array(limits.acceleration) * period_s**2,
            "jerk": np.array(limits.jerk) * period_s**3,
        }
        self._poses: deque[np.ndarray] = deque(maxlen=4)

    def begin(self, pose: Pose6) -> None:
        """The arm stands there."""
        self._poses.clear()
        self._poses.extend([np.array(pose)] * 4)

    def see(self, target: Target) -> None:
        """One output."""
        low, high, width = np.array(self.limits.low), np.array(self.limits.high), self.limits.width
        pose = np.array(target.pose)
        slack = ROUNDING * (high - low)
        fits = bool(np.all(pose >= low - slack) and np.all(pose <= high + slack) and 0.0 <= target.width <= width)
        self._poses.append(pose)
        for order, (name, bound) in enumerate(self._bounds.items(), start=1):
            part = float(np.max(np.abs(np.diff(self._poses, n=order, axis=0)[-1]) / bound))
            self.worst[name] = max(self.worst[name], part)
            fits = fits and part <= 1.0 + ROUNDING
        self.count += not fits


def _six(values: np.ndarray) -> Twist6:
    return cast(Twist6, tuple(float(v) for v in values))
