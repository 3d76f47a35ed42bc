"""The clock of the real-time loop: absolute deadlines, and how late each tick began."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

LATE_S = 0.005  # a tick that begins this long after its deadline counts as late


@dataclass
class DeadlineTimer:
    """A tick every `period_s`, measured from the first deadline, so that lateness does not add up.

    Times are seconds of one monotonic clock.
    """

    period_s: float
    next_s: float
    ticks: int = 0
    late: int = 0
    lost: int = 0  # deadlines that passed without a tick
    lateness_s: float = 0.0  # of the last tick
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=400))

    def remaining(self, now_s: float) -> float:
        """Seconds until the next tick is due; 0 when it is due."""
        return max(0.0, self.next_s - now_s)

    def tick(self, now_s: float) -> None:
        """A tick begins now. What it missed by more than a period is lost, and is not caught up."""
        self.lateness_s = max(0.0, now_s - self.next_s)
        self._recent.append(self.lateness_s)
        self.ticks += 1
        self.late += self.lateness_s > LATE_S
        missed = int(self.lateness_s / self.period_s)
        self.lost += missed
        self.next_s += (missed + 1) * self.period_s

    def lateness_ms(self, percentile: float) -> float:
        """Of the last 400 ticks (20 s at 20 Hz)."""
        return float(np.percentile(self._recent, percentile)) * 1e3 if self._recent else 0.0
