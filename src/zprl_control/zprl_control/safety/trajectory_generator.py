"""From goals to a motion within speed, acceleration and jerk. Ruckig (Berscheid and Kroeger, 2021) computes it.

Each axis is on the fastest way to a rest at its goal. So a new goal never carries it beyond the farther of the two,
and as goals lie in a box, the motion does too.
"""

from ruckig import ControlInterface, InputParameter, OutputParameter, Result, Ruckig, RuckigError, Synchronization

from zprl_control.safety.limits import Bounds

TINY = 1e-9  # speeds and accelerations below are rounding errors, on which Ruckig may fail
Axes = tuple[float, ...]


class TrajectoryGenerator:
    """The state of the motion: where it is and how fast, one step of `period_s` at a time."""

    def __init__(self, bounds: Bounds, period_s: float, start: Axes):
        """It stands at `start`, with a number for each axis."""
        count = len(start)
        self._otg = Ruckig(count, period_s)
        self._in, self._out = InputParameter(count), OutputParameter(count)
        self._in.max_velocity, self._in.max_acceleration = list(bounds.speed), list(bounds.acceleration)
        self._in.max_jerk = list(bounds.jerk)
        self._in.synchronization = getattr(Synchronization, "No")  # noqa: B009  each axis for itself; "None" is older
        self._rest = [0.0] * count
        self._in.current_position = list(start)
        self.at = start
        self.failures = 0  # steps in which no way to the goal was found, and the motion braked instead

    @property
    def velocity(self) -> Axes:
        """Of each axis [m/s, rad/s]."""
        return tuple(self._in.current_velocity)

    @property
    def still(self) -> bool:
        """Whether it stands, and stays so when it brakes."""
        return not any(self._in.current_velocity) and not any(self._in.current_acceleration)

    def towards(self, goal: Axes) -> Axes:
        """The next step on the way to `goal`, which lies in the box."""
        self._in.control_interface = ControlInterface.Position
        self._in.target_position = list(goal)
        if not self._step():
            self.failures += 1
            return self.brake()
        return self.at

    def brake(self) -> Axes:
        """The next step on the way to a rest."""
        self._in.control_interface = ControlInterface.Velocity
        self._in.target_velocity, self._in.target_acceleration = self._rest, self._rest
        if not self._step():
            raise RuntimeError(f"no way to brake from {self._in}")
        return self.at

    def go_on_from(self, other: "TrajectoryGenerator") -> None:
        """Take the state of another motion of as many axes."""
        self._in.current_position, self.at = other._in.current_position, other.at
        self._in.current_velocity = other._in.current_velocity
        self._in.current_acceleration = other._in.current_acceleration

    def _step(self) -> bool:
        try:
            if self._otg.update(self._in, self._out) not in (Result.Working, Result.Finished):
                return False
        except RuckigError:
            return False
        self._out.pass_to_input(self._in)
        self._in.current_velocity = _without_dust(self._in.current_velocity)
        self._in.current_acceleration = _without_dust(self._in.current_acceleration)
        self.at = tuple(self._in.current_position)
        return True


def _without_dust(values: list[float]) -> list[float]:
    return [0.0 if abs(value) < TINY else value for value in values]
