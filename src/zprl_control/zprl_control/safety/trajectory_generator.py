"""Online trajectory generation within speed, acceleration and jerk, by Ruckig (Berscheid and Kroeger, 2021).

Each axis takes the fastest way to rest at its goal. A new goal never carries it beyond the farther of the two goals,
so the motion stays in every box that contains the goals.
"""

from ruckig import ControlInterface, InputParameter, OutputParameter, Result, Ruckig, RuckigError, Synchronization

from zprl_control.safety.limits import Bounds

TINY = 1e-9  # smaller speeds and accelerations are rounding errors, which may make Ruckig fail
Axes = tuple[float, ...]


class TrajectoryGenerator:
    """Generates a motion, one step of `period_s` at a time."""

    def __init__(self, bounds: Bounds, period_s: float, start: Axes):
        """Starts at rest at `start`, one value per axis."""
        count = len(start)
        self._otg = Ruckig(count, period_s)
        self._in, self._out = InputParameter(count), OutputParameter(count)
        self._in.max_velocity, self._in.max_acceleration = list(bounds.speed), list(bounds.acceleration)
        self._in.max_jerk = list(bounds.jerk)
        self._in.synchronization = getattr(Synchronization, "No")  # noqa: B009  axes are independent; older versions call it "None"
        self._rest = [0.0] * count
        self._in.current_position = list(start)
        self.at = start
        self.failures = 0  # steps in which no trajectory to the goal was found and the motion braked

    @property
    def still(self) -> bool:
        """True if the motion is at rest, with no acceleration left."""
        return not any(self._in.current_velocity) and not any(self._in.current_acceleration)

    def towards(self, goal: Axes) -> Axes:
        """Takes the next step toward `goal`, which must lie in the box, and returns the new position."""
        self._in.control_interface = ControlInterface.Position
        self._in.target_position = list(goal)
        if not self._step():
            self.failures += 1
            return self.brake()
        return self.at

    def brake(self) -> Axes:
        """Takes the next step toward rest and returns the new position."""
        self._in.control_interface = ControlInterface.Velocity
        self._in.target_velocity, self._in.target_acceleration = self._rest, self._rest
        if not self._step():
            raise RuntimeError(f"Ruckig found no braking trajectory from {self._in}")
        return self.at

    def go_on_from(self, other: "TrajectoryGenerator") -> None:
        """Copies the state of another motion with the same number of axes."""
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
