"""Relays transitions to the learner on its own thread, so that a slow disk does not delay a tick. No ROS."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zprl.delivery.journal import JournalError
from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl.rl.transition import Transition
from zprl_core.waiting import FIRST_S

Job = Callable[[], None]

POLL_S = 0.05
STATUS_S = 0.5
ROOM = 0.9  # fraction of the limit to which a full journal must shrink before the robot continues


@dataclass(frozen=True)
class JournalState:
    """A summary of the journal's contents."""

    number: int
    first: int
    next: int
    size_bytes: int
    trouble: str


class OutboxRelay:
    """Writes transitions to the journal and sends them until acknowledged, on its own thread.

    `send` and `announce` are called on that thread.
    """

    def __init__(
        self,
        outbox: Outbox,
        limit_bytes: int,
        send: Callable[[bytes], None],
        announce: Callable[[JournalState], None],
    ):
        self.outbox, self.limit_bytes = outbox, limit_bytes
        self.trouble = ""  # why the robot should not continue; "" if it may
        self.waits = ""  # that no learner stores the transitions; "" if one does, or there are none
        self._stored = (0, time.monotonic())  # the first transition that no learner has stored, and since when
        self._send, self._announce = send, announce
        self._inbox: queue.SimpleQueue[Transition | Acknowledgement | Job | None] = queue.SimpleQueue()
        self._unwritten: list[Transition] = []
        self._status_due = 0.0
        self._thread = threading.Thread(target=self._work, name="relay", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Number of transitions that are not acknowledged."""
        return len(self.outbox.journal) + len(self._unwritten) + self._inbox.qsize()

    def put(self, transitions: Sequence[Transition]) -> None:
        """Queues completed transitions."""
        for transition in transitions:
            self._inbox.put(transition)

    def on_acknowledgement(self, acknowledgement: Acknowledgement) -> None:
        """Queues an acknowledgement of the learner."""
        self._inbox.put(acknowledgement)

    def later(self, job: Job) -> None:
        """Runs `job` on the relay's thread: it may write to the disk, and must handle its own errors."""
        self._inbox.put(job)

    def close(self) -> None:
        """Writes what is queued, then closes the journal."""
        self._inbox.put(None)
        self._thread.join(timeout=5.0)

    def _work(self) -> None:
        running = True
        try:
            while running:
                running = self._turn()
        except BaseException as error:
            self.trouble = f"the journal is no longer written ({error!r}); restart the policy"
            raise
        finally:
            self.outbox.journal.close()

    def _turn(self) -> bool:
        acknowledgements, running = self._collect()
        try:
            for acknowledgement in acknowledgements:  # first, because acknowledged transitions make room
                self.outbox.on_acknowledgement(acknowledgement, time.monotonic())
            self.outbox.keep(self._unwritten)
            self._unwritten = []
            for message in self.outbox.due(time.monotonic()) if running else ():
                self._send(message)
            self.trouble = self._too_full()
            self.waits = self._unstored(time.monotonic())
        except JournalError as error:
            self.trouble = str(error)
            time.sleep(POLL_S)
        if running and time.monotonic() > self._status_due:
            self._status_due = time.monotonic() + STATUS_S
            self._publish_state()
        return running

    def _publish_state(self) -> None:
        try:
            self._announce(self.state())
        except JournalError as error:
            self.trouble = str(error)

    def _collect(self) -> tuple[list[Acknowledgement], bool]:
        """Returns everything in the inbox, waiting briefly for the first item."""
        acknowledgements: dict[bool, Acknowledgement] = {}  # only the newest of each kind matters
        running, timeout = True, POLL_S
        while True:
            try:
                item = self._inbox.get(timeout=timeout) if timeout else self._inbox.get_nowait()
            except queue.Empty:
                return list(acknowledgements.values()), running
            timeout = 0.0
            if item is None:
                running = False
            elif isinstance(item, Transition):
                self._unwritten.append(item)
            elif isinstance(item, Acknowledgement):
                acknowledgements[item.gap] = item
            else:
                item()

    def _unstored(self, now_s: float) -> str:
        journal = self.outbox.journal
        if not len(journal) or journal.first != self._stored[0]:
            self._stored = journal.first, now_s
        if now_s - self._stored[1] < FIRST_S:
            return ""
        return (
            f"no learner has stored the {len(journal)} newest transitions for more than {FIRST_S:g} s, they are kept "
            f"in the journal; start the learner, or see its log"
        )

    def _too_full(self) -> str:
        size, limit = self.outbox.journal.size_bytes, self.limit_bytes
        if size < (ROOM * limit if self.trouble else limit):
            return ""
        return (
            f"the journal holds {len(self.outbox.journal)} transitions ({size / 1e6:.0f} MB of {limit / 1e6:.0f} MB) "
            "that no learner has stored; start the learner, or check why it cannot write"
        )

    def state(self) -> JournalState:
        """Returns the journal's state, for the learner and the operator."""
        journal = self.outbox.journal
        return JournalState(journal.number, journal.first, journal.next, journal.size_bytes, self.trouble)
