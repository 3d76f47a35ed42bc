"""One writer at a time. A person goes before a policy, and for a while after the last touch."""

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """Who goes before whom."""

    POLICY = 0
    TOOL = 1  # a program that a person started, such as a planner
    PERSON = 2


@dataclass
class CommandArbiter:
    """Held by the last writer until it falls silent. Times are seconds of one monotonic clock."""

    silence_s: float = 0.5  # after which anybody of the same rank may take over
    hold_off_s: float = 1.0  # after a person's last command, before a lower rank may
    _holder: str = ""
    _priority: Priority = Priority.POLICY
    _last_s: float = float("-inf")
    refused: int = 0

    def acquire(self, source: str, priority: Priority, now_s: float) -> str:
        """ "" when `source` may command now; otherwise why not. A higher rank takes the lease at once."""
        if (source, priority) != (self._holder, self._priority) and not self._free(priority, now_s):
            self.refused += 1
            return f"{source} may not command: {self._holder} does"
        self._holder, self._priority, self._last_s = source, priority, now_s
        return ""

    def holder(self, now_s: float) -> str:
        """Who commands now; "" for nobody."""
        return self._holder if now_s - self._last_s <= self._patience() else ""

    def person(self, now_s: float) -> bool:
        """Whether a person commands now, or did so a moment ago."""
        return self._priority == Priority.PERSON and now_s - self._last_s <= self._patience()  # one without a name too

    def _free(self, priority: Priority, now_s: float) -> bool:
        return priority > self._priority or now_s - self._last_s > self._patience()

    def _patience(self) -> float:
        return self.hold_off_s if self._priority == Priority.PERSON else self.silence_s
