"""Says what a program waits for, and what to look at, when the wait takes long."""

from dataclasses import dataclass, field

FIRST_S, FACTOR, LONGEST_S = 5.0, 3.0, 120.0  # first message, then after 3 times as long, at least every 2 minutes


@dataclass
class Waiting:
    """One wait, on a steady clock that the caller reads. Call `message` often; it is empty most of the time."""

    _what: str = ""
    _since_s: float = 0.0
    _due_s: float = 0.0
    _pause_s: float = field(default=FIRST_S)

    def message(self, what: str, look_at: str, now_s: float) -> str:
        """Return the line to show now; "" when none is due. `what` "": nothing is awaited.

        A wait for something else begins anew.
        """
        if what != self._what:
            self._what, self._since_s, self._pause_s = what, now_s, FIRST_S
            self._due_s = now_s + FIRST_S
        if not what or now_s < self._due_s:
            return ""
        self._pause_s = min(FACTOR * self._pause_s, LONGEST_S)
        self._due_s = now_s + self._pause_s
        return f"waiting for {what} for {now_s - self._since_s:.0f} s; {look_at}"

    def long(self, now_s: float) -> bool:
        """Return True while the wait has lasted longer than the time to its first message."""
        return bool(self._what) and now_s - self._since_s >= FIRST_S
