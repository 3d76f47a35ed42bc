"""Detects that the clock behind a topic's stamps was set, by comparing the stamps with a steady clock."""

from collections import deque

BACK_NS = 500_000_000  # how far out of order a stamp may arrive
AHEAD_NS = 5_000_000_000  # how much faster than the steady clock the stamps may advance; the first may be delayed
WINDOW = 64  # newest stamps that are compared


class ClockJump:
    """Compares the stamps of one topic with their arrival on a steady clock.

    A delayed message looks like a slow clock, so only the least delayed of the newest messages count. Stamps of a
    simulation may run slower or faster than the steady clock.
    """

    def __init__(self) -> None:
        self._newest_ns: int | None = None
        self._offsets: deque[int] = deque(maxlen=WINDOW)  # stamp - arrival of each [ns]; the highest is least delayed

    def clear(self) -> None:
        """Forgets all stamps."""
        self._newest_ns = None
        self._offsets.clear()

    def update(self, stamp_ns: int, arrived_ns: int) -> float:
        """Takes the next stamp. Returns by how much the clock was set [s], negative if back; 0 if it was not."""
        newest_ns, offset = self._newest_ns, stamp_ns - arrived_ns
        known = max(self._offsets, default=offset)
        jumped = newest_ns is not None and (stamp_ns < newest_ns - BACK_NS or offset > known + AHEAD_NS)
        if jumped:
            self.clear()
        self._newest_ns = max(stamp_ns, self._newest_ns or 0)
        self._offsets.append(offset)
        return (offset - known) * 1e-9 if jumped else 0.0


def said(jump_s: float) -> str:
    """Returns a jump in words, for example "set back by 3600.0 s"."""
    return f"set {'back' if jump_s < 0 else 'forward'} by {abs(jump_s):.1f} s"
