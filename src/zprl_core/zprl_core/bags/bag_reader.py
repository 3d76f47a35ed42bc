"""Reads one bag: closed, or left open by a writer that was killed."""

import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcap.exceptions import McapError
from mcap.reader import NonSeekingReader, SeekingReader
from mcap.records import Channel, Message, Metadata, Schema

from zprl_core.bags.bag_metadata import NAME
from zprl_core.bags.bag_topic import BagTopic, read_qos
from zprl_core.bags.bag_writer import METADATA
from zprl_core.errors import RecordError, quoted

LONGEST_RECORD = 1 << 30  # bytes; a longer one is damaged
MAGIC = b"\x89MCAP0\r\n"
# Raised for damaged or truncated bytes.
BAD = (McapError, ValueError, LookupError, OverflowError, struct.error, EOFError)


@dataclass(frozen=True)
class BagMessage:
    """A serialized message and its times [ns]."""

    topic: str
    data: bytes
    received_ns: int
    published_ns: int


@dataclass(frozen=True)
class BagFile:
    """The MCAP file of a bag."""

    path: Path

    @property
    def closed(self) -> bool:
        """True if the file has its end. Raises RecordError when it cannot be read."""
        try:
            with self.path.open("rb") as file:
                file.seek(-min(len(MAGIC), self.path.stat().st_size), 2)
                return file.read() == MAGIC and self.path.stat().st_size > 2 * len(MAGIC)
        except OSError as error:
            raise RecordError(f"cannot read {self.path}: {error}; check that it is a readable file") from None

    def messages(self, topics: Collection[str] | None = None) -> Iterator[BagMessage]:
        """Reads the messages of `topics` (None: of all) by time of reception, of an open file in the order of writing.

        Of a file that was left open: the messages of its whole chunks. Raises RecordError if a closed file is damaged.
        """
        for _, channel, message in self._records(topics):
            yield BagMessage(channel.topic, message.data, message.log_time, message.publish_time)

    def topics(self) -> dict[str, BagTopic]:
        """Reads the topics, by name; those that have messages where the file was left open."""
        found: dict[str, BagTopic] = {}
        if self.closed:
            with self._opened() as file:
                summary = self._guarded(lambda: SeekingReader(file, record_size_limit=LONGEST_RECORD).get_summary())
                if summary is not None:
                    channels = summary.channels.values()
                    return {c.topic: _topic(summary.schemas.get(c.schema_id), c) for c in channels}
        for schema, channel, _ in self._records(None):
            if channel.topic not in found:
                found[channel.topic] = _topic(schema, channel)
        return found

    def metadata(self) -> dict[str, str]:
        """Reads the metadata that the writer gave the bag; that of the end, if the file is closed."""
        found: dict[str, str] = {}
        with self._opened() as file:
            closed = self.closed
            reader = (
                SeekingReader(file, record_size_limit=LONGEST_RECORD)
                if closed
                else NonSeekingReader(file, record_size_limit=LONGEST_RECORD)
            )
            try:
                for record in reader.iter_metadata():
                    found |= _own(record)
            except BAD as error:
                if closed:
                    raise self._damaged(error) from None
        return found

    def _records(self, topics: Collection[str] | None) -> Iterator[tuple[Schema | None, Channel, Message]]:
        closed = self.closed
        with self._opened() as file:
            try:
                if closed:
                    reader = SeekingReader(file, record_size_limit=LONGEST_RECORD, validate_crcs=True)
                    yield from reader.iter_messages(topics)
                else:
                    cut = NonSeekingReader(file, record_size_limit=LONGEST_RECORD, validate_crcs=True)
                    yield from cut.iter_messages(topics, log_time_order=False)
            except BAD as error:
                if closed:
                    raise self._damaged(error) from None

    def _opened(self) -> Any:
        try:
            return self.path.open("rb", buffering=1 << 20)
        except OSError as error:
            raise RecordError(f"cannot read {self.path}: {error}; check that it is a readable file") from None

    def _guarded(self, read: Any) -> Any:
        try:
            return read()
        except BAD as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> RecordError:
        said = quoted(error) or type(error).__name__
        return RecordError(f"{self.path} is damaged ({said}); restore it from a copy, or remove the bag")


def bag_file(folder: Path) -> BagFile:
    """Returns the MCAP file of a bag. Raises RecordError when the folder is no bag, or has several files."""
    files = sorted(folder.glob("*.mcap"))
    if not files:
        other = sorted(path.name for path in folder.glob("*.db3"))
        hint = (
            f"it is a bag of SQLite ({other[0]}); convert it with ros2 bag convert to storage mcap"
            if other
            else "give the folder of a bag"
        )
        raise RecordError(f"{folder} has no MCAP file: {hint}")
    if len(files) > 1:
        raise RecordError(f"{folder} is split into {len(files)} files; join them with ros2 bag convert, into one file")
    return BagFile(files[0])


def is_described(folder: Path) -> bool:
    """True if the bag has its metadata.yaml, which the writer adds when the bag is complete."""
    return (folder / NAME).is_file()


def _topic(schema: Schema | None, channel: Channel) -> BagTopic:
    kind, text = (schema.name, schema.data.decode(errors="replace")) if schema else ("", "")
    offered = channel.metadata.get("offered_qos_profiles", "")
    return BagTopic(channel.topic, kind, text, channel.metadata.get("topic_type_hash", ""), read_qos(offered))


def _own(record: Metadata) -> Mapping[str, str]:
    return record.metadata if record.name == METADATA else {}
