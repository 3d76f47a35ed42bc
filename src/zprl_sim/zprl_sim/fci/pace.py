"""Measures whether the simulated arm keeps real time. A busy machine slows it, and its motion then varies."""

from dataclasses import dataclass

SLOW = 0.1  # a control step in which the arm's time differs from wall time by this fraction is uneven
USUAL = 0.98  # smallest speed of an arm that keeps real time


@dataclass
class Pace:
    """Compares the arm's own time with wall time, once per control step. Times are seconds."""

    steps: int = 0
    uneven: int = 0  # control steps in which the arm moved for more or less time than passed
    speed: float = 1.0  # arm's time per wall time, averaged over about 5 s
    _last: tuple[float, float] | None = None  # wall time and arm's time of the last step

    def step(self, wall_s: float, arm_s: float) -> None:
        """Records both times at a control step."""
        last, self._last = self._last, (wall_s, arm_s)
        if last is None or wall_s <= last[0]:
            return
        self.steps += 1
        speed = (arm_s - last[1]) / (wall_s - last[0])
        self.uneven += abs(speed - 1.0) > SLOW
        self.speed += 0.01 * (speed - self.speed)

    @property
    def summary(self) -> str:
        """The counts of the whole run."""
        return f"{self.uneven} of {self.steps} control steps were uneven (more than 10 % off 50 ms)"

    @property
    def trouble(self) -> str:
        """The reason why the simulated arm is slow, and what to do; "" if it keeps real time."""
        if self.speed >= USUAL:
            return ""
        return (
            f"the simulated arm runs at {100 * self.speed:.0f} % of real time, so its motion varies: "
            "end other programs, or allow real-time priority (rtprio)"
        )
