"""Selects one command source at a time; an operator has priority over a policy, and keeps it for a while."""

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """Priority of a command source; the highest wins."""

    POLICY = 0
    TOOL = 1  # a program started by the operator, such as a planner
    PERSON = 2


@dataclass
class CommandArbiter:
    """Grants control to one source until it falls silent. Times are seconds on one monotonic clock."""

    silence_s: float = 0.5  # after this silence, a source of the same priority may take over
    hold_off_s: float = 1.0  # after an operator's last command, lower priorities wait this long
    _holder: str = ""
    _priority: Priority = Priority.POLICY
    _last_s: float = float("-inf")

    def acquire(self, source: str, priority: Priority, now_s: float) -> str:
        """Returns "" if `source` may command now, otherwise why not. A higher priority takes over at once."""
        if (source, priority) != (self._holder, self._priority) and not self._free(priority, now_s):
            return f"{source} may not command the arm, because {self._holder} does"
        self._holder, self._priority, self._last_s = source, priority, now_s
        return ""

    def holder(self, now_s: float) -> str:
        """Returns the source that commands now; "" if there is none."""
        return self._holder if now_s - self._last_s <= self._hold_time_s() else ""

    def person(self, now_s: float) -> bool:
        """Returns True if an operator commands now or did so a moment ago."""
        return self._priority == Priority.PERSON and now_s - self._last_s <= self._hold_time_s()  # also without a name

    def _free(self, priority: Priority, now_s: float) -> bool:
        return priority > self._priority or now_s - self._last_s > self._hold_time_s()

    def _hold_time_s(self) -> float:
        return self.hold_off_s if self._priority == Priority.PERSON else self.silence_s
