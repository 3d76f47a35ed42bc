"""The timer of the real-time loop: absolute deadlines, and the lateness of each tick."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

PHASE = 0.25  # delay of a policy's tick after a state arrives, as a fraction of the control period
LATE_S = 0.005  # a tick that begins this long after its deadline counts as late


@dataclass
class DeadlineTimer:
    """Schedules a tick every `period_s` from the first deadline, so that lateness does not accumulate.

    All times are seconds on one monotonic clock.
    """

    period_s: float
    next_s: float
    ticks: int = 0
    late: int = 0
    lost: int = 0  # deadlines that passed without a tick
    lateness_s: float = 0.0  # lateness of the last tick
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=400))

    def remaining(self, now_s: float) -> float:
        """Returns the seconds until the next tick; 0 when it is due."""
        return max(0.0, self.next_s - now_s)

    def tick(self, now_s: float) -> None:
        """Begins a tick. Deadlines missed by a whole period or more are skipped, not caught up."""
        self.lateness_s = max(0.0, now_s - self.next_s)
        self._recent.append(self.lateness_s)
        self.ticks += 1
        self.late += self.lateness_s > LATE_S
        missed = int(self.lateness_s / self.period_s)
        self.lost += missed
        self.next_s += (missed + 1) * self.period_s

    def lateness_ms(self, percentile: float) -> float:
        """Returns a percentile of the lateness [ms] over the last 400 ticks (20 s at 20 Hz)."""
        return float(np.percentile(self._recent, percentile)) * 1e3 if self._recent else 0.0
