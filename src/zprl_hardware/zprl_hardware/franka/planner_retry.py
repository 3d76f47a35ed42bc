"""Decides when a motion whose planning failed is started again: franky's planner sometimes finds no solution."""

import re

# Ruckig found no duration (-110) or no synchronization (-111): numerical trouble, from another state it finds one.
FAILED = re.compile(r"Motion planner failed with error code -11[01]\b")
PAUSE_S = 10.0  # a second failure within this time is a fault


class PlannerRetry:
    """Allows one new start at a time. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.count = 0
        self._last_s = float("-inf")

    def allows(self, error: str, now_s: float) -> bool:
        """Return True if the motion that ended with `error` may be started again; counts it."""
        if not FAILED.search(error) or now_s - self._last_s < PAUSE_S:
            return False
        self.count, self._last_s = self.count + 1, now_s
        return True
