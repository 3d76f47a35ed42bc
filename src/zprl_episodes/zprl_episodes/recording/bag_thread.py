"""Writes bags on a thread of its own, so that receiving a message never waits for the disk."""

import queue
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zprl_core.bags.bag_list import LIVE
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.errors import remedy
from zprl_core.host.owned_lock import OwnedLock, acquire

MB = 1e6


@dataclass(frozen=True)
class Received:
    """A serialized message and its times [ns], of one clock."""

    topic: str
    data: bytes
    received_ns: int
    published_ns: int


@dataclass(frozen=True)
class Begin:
    """Start a bag in a new folder."""

    folder: Path
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class End:
    """End the bag; without `keep` its folder is removed."""

    metadata: Mapping[str, str]
    keep: bool


Command = Begin | End | BagTopic | Received
Pack = Callable[[BagTopic, bytes], tuple[BagTopic, bytes]]  # gives a message the form and topic that it has in a bag
NewPack = Callable[[], Pack]  # for the next bag: a video begins anew


def unchanged(topic: BagTopic, data: bytes) -> tuple[BagTopic, bytes]:
    """Leaves a message as it was published."""
    return topic, data


class BagThread:
    """Carries out commands in their order. A disk error ends the present bag only; `problem` says why.

    Messages that find the queue full are dropped and counted in `dropped`, by topic.
    """

    def __init__(self, flush_s: float, queue_mb: float, log: Callable[[str], None], new_pack: NewPack | None = None):
        """`log` and what `new_pack` returns for each bag are called on the thread.

        `log` gets the sentence that an operator should read.
        """
        self.dropped: Counter[str] = Counter()
        self.problem = ""
        self.slow = "the disk" if new_pack is None else "the compression of images, or the disk,"
        self.kept = 0  # bags that are complete
        self._flush_s, self._most, self._log = flush_s, queue_mb * MB, log
        self._new_pack: NewPack = new_pack or (lambda: unchanged)
        self._pack: Pack = unchanged
        self._waiting = 0  # bytes of the messages in the queue
        self._counting = threading.Lock()
        self._commands: queue.SimpleQueue[tuple[Command, int] | None] = queue.SimpleQueue()  # and dropped so far
        self._topics: dict[str, BagTopic] = {}
        self._writer: BagWriter | None = None
        self._live: OwnedLock | None = None
        self._dropped_before = 0  # messages that were dropped until the bag began
        self._thread = threading.Thread(target=self._work, name="bags", daemon=True)
        self._thread.start()

    def put(self, command: Command) -> None:
        """Enqueues a command; drops a message for which there is no room."""
        if isinstance(command, Received):
            size = len(command.data)
            with self._counting:
                if self._waiting + size > self._most:
                    self.dropped[command.topic] += 1
                    return
                self._waiting += size
        self._commands.put((command, self.dropped.total()))

    def close(self) -> None:
        """Carries out what is enqueued, and ends the thread. A bag without an end is left as if cut off."""
        self._commands.put(None)
        self._thread.join()

    def _work(self) -> None:
        flushed_s = time.monotonic()
        while True:
            due: tuple[Command, int] | tuple[()] | None
            try:
                due = self._commands.get(timeout=self._flush_s)
            except queue.Empty:
                due = ()  # nothing to do but to flush
            if due is None:
                break
            try:
                if due:
                    self._do(*due)
                if self._writer is not None and time.monotonic() - flushed_s >= self._flush_s:
                    self._writer.flush()
                    flushed_s = time.monotonic()
            except OSError as error:
                self._fail(f"{error}; {remedy(error)}")
            except Exception as error:  # a dead thread would record nothing more and say nothing
                self._fail(f"{error!r}; report it")
        self._leave()

    def _do(self, command: Command, dropped: int) -> None:
        match command:
            case Received():
                with self._counting:
                    self._waiting -= len(command.data)
                if self._writer is not None:
                    topic, data = self._pack(self._topics[command.topic], command.data)
                    self._writer.add_topic(topic)
                    self._writer.write(topic.name, data, command.received_ns, command.published_ns)
            case BagTopic():
                self._topics.setdefault(command.name, command)
            case Begin():
                self._begin(command, dropped)
            case End():
                self._end(command, dropped)

    def _begin(self, command: Begin, dropped: int) -> None:
        self._leave()
        self._dropped_before = dropped
        self._writer = BagWriter(command.folder, command.metadata)
        self._live = acquire(command.folder / LIVE)
        self._pack = self._new_pack()
        self.problem = ""

    def _end(self, command: End, dropped: int) -> None:
        writer = self._writer
        if writer is None:
            return
        if not command.keep:
            self._leave()
            shutil.rmtree(writer.folder)
            return
        lost = dropped - self._dropped_before
        writer.finish({**command.metadata, "dropped": str(lost)})
        self._writer = None
        self._leave()
        self.kept += 1
        if lost:
            self._log(f"{writer.folder.name} misses {lost} messages, as {self.slow} was too slow")

    def _fail(self, why: str) -> None:
        """Leaves a bag that cannot be written, with every message that is on the disk."""
        where = self._writer.folder.name if self._writer is not None else "a bag"
        self.problem = f"cannot write {where}: {why}, then repair it with zprl bags repair"
        self._log(self.problem)
        self._leave()

    def _leave(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None
        if self._live is not None:
            with suppress(OSError):
                self._live.path.unlink()
            self._live.close()
            self._live = None
