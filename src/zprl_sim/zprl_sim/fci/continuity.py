"""Checks that a motion's commands are smooth, as Franka's motion generators require. No sockets, no MuJoCo."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

TICK_S = 0.001


@dataclass(frozen=True)
class Smoothness:
    """Limits of the commanded tool's translation, from Franka's specifications of the FR3."""

    acceleration: float = 9.0  # [m/s^2]
    jerk: float = 4500.0  # [m/s^3]

    def __post_init__(self) -> None:
        if min(self.acceleration, self.jerk) <= 0:
            raise ValueError(f"acceleration and jerk must be positive, got {self}")


class Continuity:
    """Checks the commands of one motion, tick by tick.

    The real controller also checks rotation, elbow and joints, and bridges lost commands; here a gap in the message
    numbers restarts the check.
    """

    def __init__(self, limits: Smoothness):
        self.limits = limits
        self.begin()

    def begin(self) -> None:
        """Starts a new motion and forgets earlier commands."""
        self._number = -1
        self._last: list[Array] = []  # position, velocity, acceleration, as far as known

    def position(self, number: int, meters: Array) -> dict[str, float]:
        """Returns by how much a commanded position (3,) exceeds each limit, by Franka's error names.

        `number` is the number of its message.
        """
        return self._excess(number, meters, first_is=0)

    def velocity(self, number: int, meters_per_second: Array) -> dict[str, float]:
        """Returns the same for a commanded velocity (3,)."""
        return self._excess(number, meters_per_second, first_is=1)

    def _excess(self, number: int, value: Array, first_is: int) -> dict[str, float]:
        before = self._last if number == self._number + 1 else []
        now = [np.array(value, dtype=float)]
        for last in before[: 3 - first_is]:  # each difference needs one more command
            now.append((now[-1] - last) / TICK_S)
        self._number, self._last = number, now
        known = dict(enumerate(now, start=first_is))
        excess = {}
        for order, name, most in (
            (2, "cartesian_motion_generator_velocity_discontinuity", self.limits.acceleration),
            (3, "cartesian_motion_generator_acceleration_discontinuity", self.limits.jerk),
        ):
            if order in known:
                excess[name] = float(np.linalg.norm(known[order])) - most
        return excess
