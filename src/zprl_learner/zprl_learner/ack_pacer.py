"""Paces the acknowledgements of many journals: every robot receives those of all robots, so their cost is N squared.

With one UDP reader more, an acknowledgement takes 8.5 µs more. A hundred robots on hosts of their own have 200 readers
(policy and episode node), and would ask for 450 acknowledgements a second: a core for nothing else. No ROS.
"""

from collections.abc import Set

from zprl.delivery.sequence_tracker import Source

ACKS_PER_S = 100.0  # for all journals together; a gap is reported at once
SILENT_S = 5.0  # a journal that is not heard for this time has no share; it announces itself twice a second


class AckPacer:
    """Decides which journals are acknowledged now. Times are seconds of one monotonic clock."""

    def __init__(self, acks_per_s: float = ACKS_PER_S) -> None:
        self._acks_per_s = acks_per_s
        self._heard_s: dict[Source, float] = {}
        self._acknowledged_s: dict[Source, float] = {}
        self._waiting: dict[Source, None] = {}  # in the order in which they came

    def due(self, heard: Set[Source], gaps: Set[Source], now_s: float) -> list[Source]:
        """Return the journals to acknowledge now, after those in `heard` sent something; `gaps` are always due."""
        self._heard_s |= dict.fromkeys(heard, now_s)
        self._waiting |= dict.fromkeys(sorted(heard))
        for source in [s for s, at_s in self._heard_s.items() if now_s - at_s > SILENT_S]:
            del self._heard_s[source]
            self._acknowledged_s.pop(source, None)
        interval_s = len(self._heard_s) / self._acks_per_s
        due = [s for s in self._waiting if s in gaps or now_s - self._acknowledged_s.get(s, -1e9) >= interval_s]
        self._acknowledged_s |= dict.fromkeys(due, now_s)
        for source in due:
            del self._waiting[source]
        return due
