"""Reads a file of the record: closed, still being written, or left open by a killed writer.

Files of version 0.1 have messages without chunks and are read as well. Chunks are never compressed, because a small
compressed one may hold gigabytes.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile, McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, McapRecord, Message
from mcap.stream_reader import StreamReader, breakup_chunk

from zprl.delivery.segment import REPLAY, UINT64, UPDATES, Entry, Stored, UpdateMark
from zprl.delivery.state_sharing import StateSharing
from zprl_core.errors import RecordError, quoted

LONGEST_RECORD = 16 << 20  # bytes; a longer one is damaged
MAGIC = b"\x89MCAP0\r\n"
FRAME = struct.Struct("<BQ")  # opcode and length before each MCAP record
BAD = (McapError, ValueError, LookupError, OverflowError, struct.error)  # raised for damaged bytes


def read_segment(path: Path) -> Iterator[tuple[Entry, int]]:
    """Read the entries with the times of writing [ns]; of an open file the complete ones. Transitions are complete.

    Raises RecordError if the file is damaged before its end, or cannot be read.
    """
    topics: dict[int, str] = {}
    sharing = StateSharing()
    try:
        opened = path.open("rb", buffering=1 << 20)
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error}; check that it is a readable file") from None
    with opened as file:
        try:
            for record in _unpacked(_records(file, is_closed(path))):
                if isinstance(record, Channel):
                    topics[record.id] = record.topic
                elif isinstance(record, Message):
                    yield _entry(topics.get(record.channel_id, ""), record.data, sharing), record.log_time
        except BAD as error:
            raise RecordError(
                f"{path} is damaged near byte {file.tell()} ({quoted(error) or type(error).__name__}); restore it from "
                "a copy, or move it away and lose its content"
            ) from None


def is_closed(path: Path) -> bool:
    """True if the file has its end. Raises OSError."""
    with path.open("rb") as file:
        file.seek(-min(len(MAGIC), path.stat().st_size), os.SEEK_END)
        return file.read() == MAGIC


def _unpacked(records: Iterator[McapRecord]) -> Iterator[McapRecord]:
    for record in records:
        if not isinstance(record, Chunk):
            yield record
        elif record.compression:
            raise ValueError("a compressed chunk, which a record never has")
        else:
            yield from breakup_chunk(record, validate_crc=True)


def _records(file: IO[bytes], closed: bool) -> Iterator[McapRecord]:
    """Read the MCAP records of a file; only the complete ones if it was left open."""
    size = file.seek(0, os.SEEK_END)
    whole = cast(IO[bytes], _Limited(file, size if closed else _whole_bytes(file, size)))
    reader = StreamReader(whole, record_size_limit=LONGEST_RECORD, validate_crcs=closed, emit_chunks=True)
    if closed:
        yield from reader.records
        return
    with suppress(EndOfFile):
        yield from reader.records


def _whole_bytes(file: IO[bytes], size: int) -> int:
    """Length of the part with complete entries. A torn write leaves half a record, or zeros somewhere in it."""
    at, last = len(MAGIC), 0  # `last`: start of the last chunk; 0 without one
    while at + FRAME.size <= size:
        file.seek(at)
        opcode, length = FRAME.unpack(file.read(FRAME.size))
        if opcode == 0 or at + FRAME.size + length > size:
            break
        last = at if opcode == Opcode.CHUNK else last
        at += FRAME.size + length
    if not last:
        return min(at, size)
    file.seek(last)
    _, length = FRAME.unpack(file.read(FRAME.size))
    return last + FRAME.size + length if _is_intact(file.read(min(length, LONGEST_RECORD))) else last


def _is_intact(data: bytes) -> bool:
    """True if the bytes are those of a chunk and have its checksum."""
    try:
        chunk = Chunk.read(ReadDataStream(BytesIO(data)))
    except BAD:
        return False
    return zlib.crc32(chunk.data) == chunk.uncompressed_crc


class _Limited:
    """Limits reads to the bytes of a file, so that a false length allocates nothing."""

    def __init__(self, file: IO[bytes], size: int):
        self._file, self._left = file, size
        file.seek(0)

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


def _entry(topic: str, data: bytes, sharing: StateSharing) -> Entry:
    if topic == REPLAY:
        return Stored(sharing.restored(data))
    if topic == UPDATES:
        return UpdateMark(UINT64.unpack(data)[1])
    raise ValueError(f"unknown topic {quoted(repr(topic))}")
