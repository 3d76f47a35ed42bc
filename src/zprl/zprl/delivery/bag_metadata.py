"""Writes metadata.yaml into a record, which makes its folder a bag for rosbag2 and rosbags."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mcap.records import Channel, Footer, Statistics
from mcap.stream_reader import StreamReader

from zprl.delivery import transition_codec
from zprl.delivery.segment import REPLAY, UPDATES, UPDATES_TYPE
from zprl.delivery.segment_reader import BAD, LONGEST_RECORD, MAGIC, is_closed

NAME = "metadata.yaml"
VERSION = 5  # of rosbag2's metadata: that of Humble, which later releases read too
FOOTER_BYTES = 29
TYPES = {REPLAY: transition_codec.TYPE, UPDATES: UPDATES_TYPE}


@dataclass(frozen=True)
class FileSummary:
    """One closed file as metadata.yaml lists it; times of the first and the last message in ns."""

    name: str
    start_ns: int
    end_ns: int
    counts: dict[str, int]  # messages by topic

    @property
    def messages(self) -> int:
        """Number of messages."""
        return sum(self.counts.values())


class BagMetadata:
    """Writes metadata.yaml into a folder, reading each closed file's summary once."""

    def __init__(self, folder: Path):
        self.path = folder / NAME
        self._known: dict[Path, FileSummary] = {}

    def write(self, files: list[Path]) -> None:
        """List those of the files that are closed and sound. Raises OSError."""
        for path in files:
            if path not in self._known and (found := summary(path)) is not None:
                self._known[path] = found
        listed = [self._known[path] for path in files if path in self._known]
        if not listed:
            self.path.unlink(missing_ok=True)
            return
        new = self.path.with_suffix(".new")
        new.write_text(metadata_yaml(listed))
        os.replace(new, self.path)


def summary(path: Path) -> FileSummary | None:
    """Read a file's summary; None if the file is open, empty, damaged or of another kind. Raises OSError."""
    topics: dict[int, str] = {}
    if not is_closed(path):
        return None
    with path.open("rb") as file:
        try:
            file.seek(-FOOTER_BYTES - len(MAGIC), os.SEEK_END)
            footer = next(StreamReader(file, skip_magic=True, record_size_limit=LONGEST_RECORD).records)
            if not isinstance(footer, Footer):
                return None
            file.seek(footer.summary_start)
            for record in StreamReader(file, skip_magic=True, record_size_limit=LONGEST_RECORD).records:
                if isinstance(record, Channel):
                    topics[record.id] = record.topic
                elif isinstance(record, Statistics):
                    counts = Counter({topics[i]: n for i, n in record.channel_message_counts.items()})
                    known = set(counts) <= set(TYPES) and sum(counts.values()) > 0
                    return (
                        FileSummary(path.name, record.message_start_time, record.message_end_time, counts)
                        if known
                        else None
                    )
        except BAD:
            return None
    return None


def _summary(name: str, topics: dict[int, str], found: Statistics) -> FileSummary | None:
    counts = {topics[channel]: count for channel, count in found.channel_message_counts.items()}
    if not counts or not set(counts) <= set(TYPES):
        return None
    return FileSummary(name, found.message_start_time, found.message_end_time, counts)


def metadata_yaml(files: list[FileSummary]) -> str:
    """Return the text of metadata.yaml for at least one file."""
    start, end = min(f.start_ns for f in files), max(f.end_ns for f in files)
    counts: Counter[str] = sum((Counter(f.counts) for f in files), Counter())
    lines = [
        "rosbag2_bagfile_information:",
        f"  version: {VERSION}",
        "  storage_identifier: mcap",
        f"  duration: {{nanoseconds: {end - start}}}",
        f"  starting_time: {{nanoseconds_since_epoch: {start}}}",
        f"  message_count: {sum(counts.values())}",
        "  topics_with_message_count:",
    ]
    for topic, kind in TYPES.items():
        described = f'name: {topic}, type: {kind}, serialization_format: cdr, offered_qos_profiles: ""'
        lines.append(f"    - {{topic_metadata: {{{described}}}, message_count: {counts[topic]}}}")
    lines += ['  compression_format: ""', '  compression_mode: ""', "  relative_file_paths:"]
    lines += [f"    - {f.name}" for f in files]
    lines.append("  files:")
    for f in files:
        lines += [
            f"    - path: {f.name}",
            f"      starting_time: {{nanoseconds_since_epoch: {f.start_ns}}}",
            f"      duration: {{nanoseconds: {f.end_ns - f.start_ns}}}",
            f"      message_count: {f.messages}",
        ]
    return "\n".join(lines) + "\n"
