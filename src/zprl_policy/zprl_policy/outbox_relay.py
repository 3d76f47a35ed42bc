"""Carries transitions to the learner, in a thread of its own: a slow disk must not delay a tick. No ROS."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zprl.delivery.journal import JournalError
from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl.rl.transition import Transition

Job = Callable[[], None]

POLL_S = 0.05
STATUS_S = 0.5
ROOM = 0.9  # part of the limit to which a full journal must shrink before the robot goes on


@dataclass(frozen=True)
class JournalState:
    """What the journal holds."""

    number: int
    first: int
    next: int
    size_bytes: int
    trouble: str


class OutboxRelay:
    """Writes to the journal, sends, sends again, forgets. `send` and `announce` are called in the courier's thread."""

    def __init__(
        self,
        outbox: Outbox,
        limit_bytes: int,
        send: Callable[[bytes], None],
        announce: Callable[[JournalState], None],
    ):
        self.outbox, self.limit_bytes = outbox, limit_bytes
        self.trouble = ""  # why the robot should not go on; "" when it may
        self._send, self._announce = send, announce
        self._inbox: queue.SimpleQueue[Transition | Acknowledgement | Job | None] = queue.SimpleQueue()
        self._unwritten: list[Transition] = []
        self._status_due = 0.0
        self._thread = threading.Thread(target=self._work, name="relay", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Transitions that are not acknowledged."""
        return len(self.outbox.journal) + len(self._unwritten) + self._inbox.qsize()

    def put(self, transitions: Sequence[Transition]) -> None:
        """Transitions that became certain."""
        for transition in transitions:
            self._inbox.put(transition)

    def on_acknowledgement(self, acknowledgement: Acknowledgement) -> None:
        """The learner's word."""
        self._inbox.put(acknowledgement)

    def later(self, job: Job) -> None:
        """Run `job` in the courier's thread: it may write to the disk, and must handle its own errors."""
        self._inbox.put(job)

    def close(self) -> None:
        """Write what came last, then close the journal."""
        self._inbox.put(None)
        self._thread.join(timeout=5.0)

    def _work(self) -> None:
        running = True
        try:
            while running:
                running = self._turn()
        except BaseException as error:
            self.trouble = f"the journal is not kept any more ({error!r}); start the policy again"
            raise
        finally:
            self.outbox.journal.close()

    def _turn(self) -> bool:
        acknowledgements, running = self._collect()
        try:
            for acknowledgement in acknowledgements:  # first: what is stored makes room
                self.outbox.on_acknowledgement(acknowledgement, time.monotonic())
            self.outbox.keep(self._unwritten)
            self._unwritten = []
            for message in self.outbox.due(time.monotonic()) if running else ():
                self._send(message)
            self.trouble = self._too_full()
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
        """Everything in the inbox; waits a little for the first."""
        acknowledgements: dict[bool, Acknowledgement] = {}  # only the newest of each kind counts
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

    def _too_full(self) -> str:
        size, limit = self.outbox.journal.size_bytes, self.limit_bytes
        if size < (ROOM * limit if self.trouble else limit):
            return ""
        return (
            f"the journal holds {len(self.outbox.journal)} transitions ({size / 1e6:.0f} MB of {limit / 1e6:.0f} MB) "
            "that no learner has stored; start the learner, or look why it cannot write"
        )

    def state(self) -> JournalState:
        """For the learner, and for people."""
        journal = self.outbox.journal
        return JournalState(journal.number, journal.first, journal.next, journal.size_bytes, self.trouble)
