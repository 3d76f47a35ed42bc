"""Says what a program waits for, and what to look at, when the wait takes long."""

from dataclasses import dataclass, field

FIRST_S, FACTOR, LONGEST_S = 5.0, 3.0, 120.0  # first message, then after 3 times as long, at least every 2 minutes
FORGET_S = 600.0  # after its last message, a wait that begins anew is a new one


@dataclass(frozen=True)
class Said:
    """The last message about a wait. Times in s."""

    at_s: float
    pause_s: float  # until the next one


@dataclass
class Waiting:
    """One wait, on a steady clock that the caller reads. Call `message` often; it is empty most of the time."""

    _what: str = ""
    _since_s: float = 0.0
    _due_s: float = 0.0
    _said: dict[str, Said] = field(default_factory=dict)  # by what was awaited

    def message(self, what: str, look_at: str, now_s: float) -> str:
        """Return the line to show now; "" when none is due. `what` "": nothing is awaited.

        A wait for something else begins anew; one that comes and goes is announced ever more rarely, like a long one.
        """
        if what != self._what:
            self._what, self._since_s, self._due_s = what, now_s, now_s + FIRST_S
            if what in self._said:
                self._due_s = max(self._due_s, self._said[what].at_s + self._said[what].pause_s)
        if not what or now_s < self._due_s:
            return ""
        self._said = {name: said for name, said in self._said.items() if now_s - said.at_s < FORGET_S}
        before_s = self._said[what].pause_s if what in self._said else FIRST_S
        self._said[what] = Said(now_s, min(FACTOR * before_s, LONGEST_S))
        self._due_s = now_s + self._said[what].pause_s
        return f"waiting for {what} for {now_s - self._since_s:.0f} s; {look_at}"

    def long(self, now_s: float) -> bool:
        """Return True while the wait has lasted longer than the time to its first message."""
        return bool(self._what) and now_s - self._since_s >= FIRST_S
