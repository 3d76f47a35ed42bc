"""Commands that try to get past the guards, and the ruler that their outputs are measured with."""

import math
from collections import deque
from typing import cast

import numpy as np

from zprl_control.safety.joint_motion import ToolAt
from zprl_control.safety.limits import Bounds, Limits
from zprl_core.target import Pose6, Target, Twist6

ROUNDING = 1e-6  # of a limit: what floating point may add
Angles = tuple[float, ...]
STILL: Twist6 = (0.0,) * 6
STRANGE = (math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, -0.0)


class Adversary:
    """Draws commands of many kinds; the arm that follows lags, and is pushed now and then."""

    def __init__(self, limits: Limits, seed: int):
        self.limits, self.rng = limits, np.random.default_rng(seed)
        self.low, self.high = np.array(limits.low), np.array(limits.high)
        self._goal = self.somewhere()
        self._joint_goal = np.mean(limits.joint_box, axis=0)

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

    def joint_command(self, joints: Angles) -> Target:
        """The next command in joints, for an arm whose joints are measured there."""
        rng, limits, now = self.rng, self.limits, np.array(joints)
        low, high = (np.array(ends) for ends in limits.joint_box)
        kind, count = rng.integers(0, 8), len(now)
        if kind == 0:  # anywhere, far outside too
            asked = rng.uniform(low - 0.5, high + 0.5)
        elif kind == 1:  # towards corners of the range
            asked = now + np.clip(
                np.where(rng.random(count) < 0.5, low, high) - now, -limits.joint_far, limits.joint_far
            )
        elif kind == 2:  # a nervous policy
            asked = now + rng.choice([-1.0, 1.0], count) * limits.joint_far * 0.99
        elif kind == 3:  # no numbers
            asked = now.copy()
            asked[rng.integers(0, count)] = rng.choice(STRANGE)
        elif kind == 4:  # for another arm
            asked = now[: rng.integers(0, count)]
        elif kind == 5:  # steady towards one goal
            if rng.random() < 0.05:
                self._joint_goal = rng.uniform(low, high)
            asked = now + np.clip(self._joint_goal - now, -limits.joint_far, limits.joint_far)
        else:  # a decent policy
            asked = now + rng.normal(0, 0.05, count)
        return Target(STILL, 0.04, tuple(asked.tolist()))

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


class Ruler:
    """How far a motion comes to its limits: its box, and differences of first to third order."""

    def __init__(self, bounds: Bounds, period_s: float, low: Angles, high: Angles):
        self.worst = {"speed": 0.0, "acceleration": 0.0, "jerk": 0.0}
        self._low, self._high = np.array(low), np.array(high)
        self._bounds = {
            "speed": np.array(bounds.speed) * period_s,
            "acceleration": np.array(bounds.acceleration) * period_s**2,
            "jerk": np.array(bounds.jerk) * period_s**3,
        }
        self._seen: deque[np.ndarray] = deque(maxlen=4)

    def begin(self, at: Angles) -> None:
        """The arm stands there: inside, or just outside, where it was pushed to."""
        self._seen.clear()
        self._seen.extend([np.array(at)] * 4)

    def fits(self, at: Angles) -> bool:
        """Whether the next point of the motion is inside: in the box, or no farther out than the one before."""
        value, last, slack = np.array(at), self._seen[-1], ROUNDING * (self._high - self._low)
        low, high = np.minimum(self._low, last) - slack, np.maximum(self._high, last) + slack
        fits = bool(np.all(value >= low) and np.all(value <= high))
        self._seen.append(value)
        for order, (name, bound) in enumerate(self._bounds.items(), start=1):
            part = float(np.max(np.abs(np.diff(self._seen, n=order, axis=0)[-1]) / bound))
            self.worst[name] = max(self.worst[name], part)
            fits = fits and part <= 1.0 + ROUNDING
        return fits


class Excess:
    """How far outputs come to their limits, whether they are for the tool or in joints."""

    def __init__(self, limits: Limits, period_s: float, tool_at: ToolAt | None = None):
        self.limits, self._tool_at = limits, tool_at
        self.count = 0
        self.tool = Ruler(limits.tool_bounds, period_s, limits.low, limits.high)
        self.joints = Ruler(limits.joint_bounds, period_s, *limits.joint_box)
        self._in_joints = False
        self._tool_was: Pose6 = limits.low

    @property
    def worst(self) -> dict[str, float]:
        """Largest speed, acceleration and jerk, as a part of the limit."""
        return {name: max(part, self.joints.worst[name]) for name, part in self.tool.worst.items()}

    def begin(self, pose: Pose6) -> None:
        """The tool stands there, and is commanded."""
        self._in_joints = False
        self.tool.begin(pose)

    def see(self, target: Target, pose: Pose6, joints: Angles = ()) -> None:
        """One output for an arm that is measured there: where the other kind of motion begins."""
        if (target.joints is not None) != self._in_joints:
            self._in_joints = not self._in_joints
            self.joints.begin(joints) if self._in_joints else self.tool.begin(pose)
            self._tool_was = pose
        if target.joints is None:
            fits = self.tool.fits(target.pose)
        else:
            fits = self.joints.fits(target.joints) and self._inside(target.joints)
        self.count += not (fits and 0.0 <= target.width <= self.limits.width)

    def _inside(self, joints: Angles) -> bool:
        """Whether the tool stays in the workspace, or comes back to it."""
        if self._tool_at is None:
            return True
        was, self._tool_was = self._tool_was, self._tool_at(joints)
        ends = zip(self._tool_was, was, self.limits.low, self.limits.high, strict=True)
        return all(min(low, w) - ROUNDING <= v <= max(high, w) + ROUNDING for v, w, low, high in ends)


def _six(values: np.ndarray) -> Twist6:
    return cast(Twist6, tuple(float(v) for v in values))
