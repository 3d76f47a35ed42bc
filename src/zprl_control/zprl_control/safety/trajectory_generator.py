"""From goals to a motion within speed, acceleration and jerk. Ruckig (Berscheid and Kroeger, 2021) computes it.

Each axis is on the fastest way to a rest at its goal. So a new goal never carries it beyond the farther of the two,
and as goals lie in the workspace box, the motion does too.
"""

from typing import cast

from ruckig import ControlInterface, InputParameter, OutputParameter, Result, Ruckig, RuckigError, Synchronization

from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Twist6

TINY = 1e-9  # speeds and accelerations below are rounding errors, on which Ruckig may fail
ZERO: Twist6 = (0.0,) * 6


class TrajectoryGenerator:
    """The state of the motion: where it is and how fast, one step of `period_s` at a time."""

    def __init__(self, limits: Limits, period_s: float, pose: Pose6):
        self._otg = Ruckig(6, period_s)
        self._in, self._out = InputParameter(6), OutputParameter(6)
        self._in.max_velocity, self._in.max_acceleration = list(limits.speed), list(limits.acceleration)
        self._in.max_jerk = list(limits.jerk)
        self._in.synchronization = getattr(Synchronization, "No")  # noqa: B009  each axis for itself; "None" is older
        self.pose = pose
        self._in.current_position = list(pose)
        self.failures = 0  # steps in which no way to the goal was found, and the motion braked instead

    @property
    def velocity(self) -> Twist6:
        """Of each axis [m/s, rad/s]."""
        return cast(Twist6, tuple(self._in.current_velocity))

    def towards(self, goal: Pose6) -> Pose6:
        """The next pose on the way to `goal`, which lies in the box."""
        self._in.control_interface = ControlInterface.Position
        self._in.target_position = list(goal)
        if not self._step():
            self.failures += 1
            return self.brake()
        return self.pose

    def brake(self) -> Pose6:
        """The next pose on the way to a rest."""
        self._in.control_interface = ControlInterface.Velocity
        self._in.target_velocity, self._in.target_acceleration = list(ZERO), list(ZERO)
        if not self._step():
            raise RuntimeError(f"no way to brake from {self._in}")
        return self.pose

    def _step(self) -> bool:
        try:
            if self._otg.update(self._in, self._out) not in (Result.Working, Result.Finished):
                return False
        except RuckigError:
            return False
        self._out.pass_to_input(self._in)
        self._in.current_velocity = _without_dust(self._in.current_velocity)
        self._in.current_acceleration = _without_dust(self._in.current_acceleration)
        self.pose = cast(Pose6, tuple(self._in.current_position))
        return True


def _without_dust(values: list[float]) -> list[float]:
    return [0.0 if abs(value) < TINY else value for value in values]
