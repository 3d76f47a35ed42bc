"""The record stores every transition of a run on the learner's disk as MCAP, with the updates done in between.

Files 000000.mcap, 000001.mcap, ... open in Foxglove and rosbag2. They are written without chunks, so that a killed
writer leaves complete messages; the file that it left open is closed properly the next time.
"""

import fcntl
import os
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from mcap.exceptions import EndOfFile, McapError
from mcap.records import Channel, Chunk, McapRecord, Message
from mcap.stream_reader import StreamReader
from mcap.writer import CompressionType, IndexType, Writer

from zprl.delivery import transition_codec
from zprl.delivery.cdr import HEADER
from zprl_core.errors import RecordError, quoted, remedy
from zprl_core.files import sync_folder
from zprl_core.id_bounds import HIGHEST

SEGMENT_BYTES = 64 << 20
LONGEST_RECORD = 16 << 20  # bytes; a longer one is damaged
REPLAY, UPDATES = "/replay", "/learner/updates"
MAGIC = b"\x89MCAP0\r\n"
FRAME = struct.Struct("<BQ")  # opcode and length before each MCAP record
UINT64 = struct.Struct("<4sQ")  # std_msgs/msg/UInt64 as CDR, with its header


@dataclass(frozen=True)
class Stored:
    """A stored transition message (read by `transition_codec.decode`), in the learner's order."""

    data: bytes


@dataclass(frozen=True)
class UpdateMark:
    """The number of updates done before the next transition, or before weights were published."""

    updates: int


Entry = Stored | UpdateMark
Channels = dict[type[Entry], int]


class ReplayLog:
    """Appends to a run's record, for one process at a time."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES):
        """Open the record. Raises RecordError if another process writes it, or on a disk error."""
        self.folder, self.segment_bytes = folder, segment_bytes
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / ".lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise RecordError(
                f"another learner writes {folder}; stop that learner, or give this run another name"
            ) from None
        except OSError as error:
            raise RecordError(f"cannot open the record {folder}: {error}; {remedy(error)}") from None
        try:
            recover(folder)
        except RecordError:
            self._lock.close()
            raise
        except OSError as error:
            self._lock.close()
            raise RecordError(f"cannot open the record {folder}: {error}; {remedy(error)}") from None
        self._segment: _Segment | None = None

    def write(self, entries: Sequence[Entry]) -> None:
        """Append entries. On disk when this returns. Raises RecordError on a disk error; nothing is kept then."""
        try:
            if self._segment is not None and self._segment.size > self.segment_bytes:
                self._finish()
            if self._segment is None:
                self._segment = _Segment(self._next_path())
                sync_folder(self.folder)
            self._segment.write(entries)
        except OSError as error:
            self._segment = None  # truncated to complete entries; `recover` closes it
            raise RecordError(f"cannot write the record {self.folder}: {error}; {remedy(error)}") from None

    def close(self) -> None:
        """Close the open file. Its content is safe even if this fails."""
        with suppress(OSError):
            self._finish()
        self._lock.close()

    def _finish(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.finish()

    def _next_path(self) -> Path:
        numbers = [int(path.stem) for path in segments(self.folder)]
        return self.folder / f"{max(numbers, default=-1) + 1:06d}.mcap"


class _Segment:
    """A file that is being written."""

    def __init__(self, path: Path):
        self._file = path.open("xb", buffering=1 << 20)
        self._writer, self._channels = begin(self._file)
        self._count = 0
        self._file.flush()
        self.size = self._file.tell()

    def write(self, entries: Sequence[Entry]) -> None:
        now_ns = time.time_ns()
        try:
            for entry in entries:
                add(self._writer, self._channels, entry, now_ns, self._count)
                self._count += 1
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            self._cut()
            raise
        self.size = self._file.tell()

    def finish(self) -> None:
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


def segments(folder: Path) -> list[Path]:
    """List the record's files, oldest first."""
    numbered = (path for path in folder.glob("*.mcap") if path.stem.isdecimal())
    return sorted(path for path in numbered if int(path.stem) <= HIGHEST)


def read(folder: Path) -> Iterator[Entry]:
    """Read every entry, oldest first. A file that was left open ends with its last complete message.

    Raises RecordError if a file is damaged before its end.
    """
    for path in segments(folder):
        yield from _read_segment(path)


def recover(folder: Path) -> None:
    """Close the files that a killed writer left open. Raises OSError on a disk error; nothing is lost then."""
    for leftover in folder.glob("*.mcap.new"):
        leftover.unlink()
    for path in segments(folder):
        if not _is_closed(path):
            _close(path)


def begin(file: IO[bytes]) -> tuple[Writer, Channels]:
    """Start a file; returns its writer and the channel of each kind of entry."""
    writer = Writer(
        file, use_chunking=False, compression=CompressionType.NONE, index_types=IndexType.NONE, enable_data_crcs=True
    )
    writer.start(profile="ros2", library="zprl")
    channels: Channels = {}
    kinds: tuple[tuple[type[Entry], str, str, str], ...] = (
        (Stored, REPLAY, transition_codec.TYPE, transition_codec.definition()),
        (UpdateMark, UPDATES, "std_msgs/msg/UInt64", "uint64 data\n"),
    )
    for kind, topic, name, text in kinds:
        schema = writer.register_schema(name=name, encoding="ros2msg", data=text.encode())
        channels[kind] = writer.register_channel(topic=topic, message_encoding="cdr", schema_id=schema)
    return writer, channels


def add(writer: Writer, channels: Channels, entry: Entry, now_ns: int, count: int) -> None:
    """Append one entry to a file."""
    data = entry.data if isinstance(entry, Stored) else UINT64.pack(HEADER, entry.updates)
    writer.add_message(
        channels[type(entry)], log_time=now_ns, data=data, publish_time=now_ns, sequence=count % (1 << 32)
    )


def _close(path: Path) -> None:
    """Replace a file that was left open by a closed one with its complete messages."""
    if next(_messages(path), None) is None:
        path.unlink()
        return
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        writer, channels = begin(file)
        for count, (entry, log_ns) in enumerate(_messages(path)):
            add(writer, channels, entry, log_ns, count)
        writer.finish()
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync_folder(path.parent)


def _read_segment(path: Path) -> Iterator[Entry]:
    for entry, _ in _messages(path):
        yield entry


def _messages(path: Path) -> Iterator[tuple[Entry, int]]:
    """Read entries with the times of writing."""
    topics: dict[int, str] = {}
    try:
        opened = path.open("rb", buffering=1 << 20)
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error}; check that it is a readable file") from None
    with opened as file:
        try:
            for record in _records(file, _is_closed(path)):
                if isinstance(record, Channel):
                    topics[record.id] = record.topic
                elif isinstance(record, Chunk):
                    raise ValueError("a chunk, which a record never has")
                elif isinstance(record, Message):
                    yield _entry(topics.get(record.channel_id, ""), record.data), record.log_time
        except (McapError, ValueError, LookupError, OverflowError, struct.error) as error:
            raise RecordError(
                f"{path} is damaged near byte {file.tell()} ({quoted(error) or type(error).__name__}); restore it from "
                "a copy, or move it away and lose its content"
            ) from None


def _records(file: IO[bytes], closed: bool) -> Iterator[McapRecord]:
    """Read the MCAP records of a file; only the complete ones if it was left open."""
    size = file.seek(0, os.SEEK_END)
    whole = cast(IO[bytes], _Limited(file, size if closed else _whole_bytes(file, size)))
    # A record has no chunks. A small chunk may hold gigabytes, so none is ever unpacked.
    reader = StreamReader(whole, record_size_limit=LONGEST_RECORD, validate_crcs=closed, emit_chunks=True)
    if closed:
        yield from reader.records
        return
    with suppress(EndOfFile):
        yield from reader.records


def _whole_bytes(file: IO[bytes], size: int) -> int:
    """Length of the part with complete records. A torn write leaves half a record, or zeros."""
    at = len(MAGIC)
    while at + FRAME.size <= size:
        file.seek(at)
        opcode, length = FRAME.unpack(file.read(FRAME.size))
        if opcode == 0 or at + FRAME.size + length > size:
            break
        at += FRAME.size + length
    return min(at, size)


class _Limited:
    """Limits reads to the bytes of a file, so that a false length allocates nothing."""

    def __init__(self, file: IO[bytes], size: int):
        self._file, self._left = file, size
        file.seek(0)

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


def _entry(topic: str, data: bytes) -> Entry:
    if topic == REPLAY:
        return Stored(data)
    if topic == UPDATES:
        return UpdateMark(UINT64.unpack(data)[1])
    raise ValueError(f"unknown topic {quoted(repr(topic))}")


def _is_closed(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(len(MAGIC), path.stat().st_size), os.SEEK_END)
        return file.read() == MAGIC
