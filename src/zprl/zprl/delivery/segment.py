"""A file of the record while it is written: MCAP with chunks, each of which is complete on disk before it counts.

A file holds the state between two chunks once (`state_sharing`), and is readable without the other files.
"""

import os
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mcap.writer import CompressionType, Writer

from zprl.delivery import transition_codec
from zprl.delivery.cdr import HEADER
from zprl.delivery.state_sharing import StateSharing, with_ages

REPLAY, UPDATES = "/replay", "/learner/updates"
UPDATES_TYPE = "std_msgs/msg/UInt64"
UINT64 = struct.Struct("<4sQ")  # std_msgs/msg/UInt64 as CDR, with its header


@dataclass(frozen=True)
class Stored:
    """A complete transition message (read by `transition_codec.decode`), in the learner's order."""

    data: bytes


@dataclass(frozen=True)
class UpdateMark:
    """The number of updates done before the next transition, or before weights were published."""

    updates: int


Entry = Stored | UpdateMark
Channels = dict[type[Entry], int]


class Segment:
    """A new file for entries. Raises OSError on a disk error."""

    def __init__(self, path: Path):
        self._file = path.open("xb", buffering=1 << 20)
        self._writer, self._channels = begin(self._file)
        self._sharing = StateSharing()
        self._count = self._newest_ns = 0
        self._file.flush()
        self.size = self._file.tell()

    def write(self, entries: Sequence[Entry]) -> None:
        """Append entries as a chunk. On disk when this returns; nothing is kept when it raises."""
        now_ns = self._newest_ns = max(time.time_ns(), self._newest_ns)  # readers sort by it; the clock may be set back
        try:
            for entry in entries:
                add(self._writer, self._channels, entry, now_ns, self._count, self._sharing)
                self._count += 1
            self._writer.flush()
            os.fsync(self._file.fileno())
        except OSError:
            self._cut()
            raise
        self.size = self._file.tell()

    def finish(self) -> None:
        """Write the index of the file and close it."""
        self._writer.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _cut(self) -> None:
        """Remove partly written entries after a disk error."""
        raw = os.dup(self._file.fileno())
        try:
            with suppress(OSError):
                self._file.close()  # writes what is buffered, or fails again
            os.ftruncate(raw, self.size)
            os.fsync(raw)
        finally:
            os.close(raw)


def begin(file: IO[bytes]) -> tuple[Writer, Channels]:
    """Start a file; returns its writer and the channel of each kind of entry."""
    writer = Writer(file, compression=CompressionType.NONE, enable_data_crcs=True)
    writer.start(profile="ros2", library="zprl")
    channels: Channels = {}
    kinds: tuple[tuple[type[Entry], str, str, str], ...] = (
        (Stored, REPLAY, transition_codec.TYPE, transition_codec.definition()),
        (UpdateMark, UPDATES, UPDATES_TYPE, "uint64 data\n"),
    )
    for kind, topic, name, text in kinds:
        schema = writer.register_schema(name=name, encoding="ros2msg", data=text.encode())
        channels[kind] = writer.register_channel(topic=topic, message_encoding="cdr", schema_id=schema)
    return writer, channels


def add(
    writer: Writer, channels: Channels, entry: Entry, now_ns: int, count: int, sharing: StateSharing | None = None
) -> None:
    """Append one entry to a file. Transitions are stored complete without `sharing`."""
    if isinstance(entry, UpdateMark):
        data = UINT64.pack(HEADER, entry.updates)
    else:
        data = with_ages(sharing.shortened(entry.data) if sharing else entry.data)
    writer.add_message(
        channels[type(entry)], log_time=now_ns, data=data, publish_time=now_ns, sequence=count % (1 << 32)
    )
