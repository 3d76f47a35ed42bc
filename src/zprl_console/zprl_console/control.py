"""Decides which viewer holds the buttons. Times are of one monotonic clock [s]. The emergency stop needs no control."""

from collections.abc import Set
from dataclasses import dataclass, field

GONE_S = 5.0  # a holder whose browser is disconnected that long loses control
ANSWER_S = 10.0  # a holder who does not answer a request within this time loses control
LONGEST = 40  # characters of a name
UNNAMED = "another viewer"


@dataclass(frozen=True)
class HandOver:
    """A viewer wants control from the one who has it."""

    viewer: str
    end_s: float  # passes then, without an answer


@dataclass
class Control:
    """Viewers have ids that cannot be guessed; the others see only their names."""

    holder: str = ""
    wanted: HandOver | None = None
    _names: dict[str, str] = field(default_factory=dict)
    _seen_s: dict[str, float] = field(default_factory=dict)

    def name(self, viewer: str) -> str:
        """Return the name that others see."""
        return self._names.get(viewer) or UNNAMED

    def set_name(self, viewer: str, name: str) -> None:
        self._names[viewer] = " ".join(name.split())[:LONGEST]

    def take(self, viewer: str, now_s: float) -> None:
        """Take control where it is free; otherwise ask the holder for it."""
        self._seen_s[viewer] = now_s
        if not self.holder:
            self.holder = viewer
        elif self.holder != viewer and self.wanted is None:
            self.wanted = HandOver(viewer, now_s + ANSWER_S)

    def answer(self, viewer: str, agrees: bool) -> None:
        """The holder's answer to a request."""
        if viewer == self.holder and self.wanted is not None:
            self.holder = self.wanted.viewer if agrees else self.holder
            self.wanted = None

    def release(self, viewer: str) -> None:
        """Give up control; it passes to the viewer that has asked for it."""
        if viewer == self.holder:
            self.holder = self.wanted.viewer if self.wanted is not None else ""
            self.wanted = None

    def tick(self, connected: Set[str], now_s: float) -> None:
        """Pass on control whose holder is gone or does not answer. `connected`: viewers whose browser is connected."""
        self._seen_s |= dict.fromkeys(connected, now_s)
        gone = {viewer for viewer, seen_s in self._seen_s.items() if now_s - seen_s > GONE_S}
        if self.wanted is not None and self.wanted.viewer in gone:
            self.wanted = None
        if self.holder in gone or (self.wanted is not None and now_s >= self.wanted.end_s):
            self.release(self.holder)
        for viewer in gone:
            del self._seen_s[viewer]
            self._names.pop(viewer, None)
