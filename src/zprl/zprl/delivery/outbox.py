"""Sends a journal's transitions in order, a window at a time, and again without acknowledgement.

This is go-back-N over a journal on disk. With the sequence tracker at the other end every transition is stored exactly
once, whatever is lost, duplicated or reordered in between, and whichever side dies. No clocks, threads or ROS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from zprl.delivery.journal import Journal
from zprl.delivery.transition_codec import Key, encode, renumbered
from zprl.rl.transition import Transition
from zprl_core.id_bounds import HIGHEST

WINDOW = 256  # unacknowledged transitions: the windows of several robots fit into the learner's queue
BATCH = 64  # sent at once
RETRY_S, RETRY_MAX_S = 2.0, 8.0  # shortest and longest silence after which the window is sent again
PATIENCE = 2.0  # this silence, in units of the time that an acknowledgement takes; doubles each time
SHRINK = 0.9  # factor by which patience shrinks with a measurement that needs less
REWIND_S = 0.2  # shortest time between two responses to a gap


@dataclass(frozen=True)
class Acknowledgement:
    """An acknowledgement: everything below `next` of the journal with this number is stored."""

    journal: int
    next: int
    gap: bool = False  # a transition beyond `next` arrived: an earlier one was lost


class Outbox:
    """One robot's transitions on their way to the learner. Times are seconds of one monotonic clock."""

    def __init__(self, journal: Journal, run: str, robot: str):
        self.journal, self.run, self.robot = journal, run, robot
        self._sent = journal.first  # everything below was sent, without a known loss
        self._sent_once = journal.first  # everything below was sent, perhaps in vain
        self._timed: tuple[int, float] | None = None  # a transition that was sent only once, and when
        self._lag_s = 0.0  # from sending a transition to its acknowledgement, the longest of late
        self._retry_s = RETRY_S
        self._progress_s = 0.0
        self._rewound_s = -REWIND_S

    def keep(self, transitions: Sequence[Transition]) -> None:
        """Write transitions to the journal. Raises JournalError on a disk error; nothing is kept then."""
        if transitions:
            self.journal.append([partial(self._encode, t) for t in transitions])

    def on_acknowledgement(self, acknowledgement: Acknowledgement, now_s: float) -> None:
        """Process an acknowledgement: forget what is stored, go back after a loss. Raises JournalError."""
        if acknowledgement.journal != self.journal.number or acknowledgement.next > HIGHEST:
            return
        if acknowledgement.next > self.journal.next:
            self._renew()
            return
        if acknowledgement.next > self.journal.first:
            self.journal.forget(acknowledgement.next)
            self._sent = max(self._sent, acknowledgement.next)
            self._progress_s = now_s
            self._measure(acknowledgement.next, now_s)
        if acknowledgement.gap and now_s - self._rewound_s >= max(REWIND_S, min(self._lag_s, RETRY_MAX_S)):
            self._go_back(now_s)

    def due(self, now_s: float) -> list[bytes]:
        """Messages to publish now, at most BATCH. Raises JournalError."""
        first = self.journal.first
        if self._sent > first and now_s - self._progress_s > self._retry_s:
            self._go_back(now_s)
            self._progress_s, self._retry_s = now_s, min(2 * self._retry_s, RETRY_MAX_S)
        end = min(self.journal.next, first + WINDOW, self._sent + BATCH)
        if end <= self._sent:
            return []
        if self._sent == first:
            self._progress_s = now_s  # start of the window: its acknowledgement is expected from now on
        messages = self.journal.read(self._sent, end)
        if self._timed is None and end > self._sent_once:
            self._timed = max(self._sent, self._sent_once), now_s
        self._sent, self._sent_once = end, max(end, self._sent_once)
        return messages

    def _measure(self, acknowledged: int, now_s: float) -> None:
        """Adapt the patience to the learner: a busy one gets slower when everything is sent to it again.

        Only a transition that was sent once tells how long an acknowledgement takes (Karn's algorithm, as in TCP).
        """
        if self._timed is not None and self._timed[0] < acknowledged:
            self._lag_s = max(now_s - self._timed[1], SHRINK * self._lag_s)
            self._retry_s = min(max(RETRY_S, PATIENCE * self._lag_s, SHRINK * self._retry_s), RETRY_MAX_S)
            self._timed = None

    def _go_back(self, now_s: float) -> None:
        """Send everything again, from the first transition that is not acknowledged."""
        self._sent, self._rewound_s, self._timed = self.journal.first, now_s, None

    def _encode(self, transition: Transition, sequence: int) -> bytes:
        return encode(Key(self.run, self.robot, self.journal.number, sequence), transition)

    def _renew(self) -> None:
        """Renumber a journal that is an old copy, shown by a learner that holds more than it ever wrote."""
        self.journal.renew(renumbered)
        self._sent = self._sent_once = 0
        self._timed = None
