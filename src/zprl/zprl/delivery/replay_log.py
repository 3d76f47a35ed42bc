"""The record stores every transition of a run on the learner's disk as MCAP, with the updates done in between.

The folder is a ROS 2 bag: files 000000.mcap, 000001.mcap, ... and metadata.yaml, which lists the closed ones. A killed
writer leaves complete chunks, and the file that it left open is closed properly the next time.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from zprl.delivery.bag_metadata import BagMetadata
from zprl.delivery.segment import Entry, Segment, add, begin
from zprl.delivery.segment_reader import is_closed, read_segment
from zprl.delivery.state_sharing import StateSharing
from zprl_core.errors import RecordError, remedy
from zprl_core.files import sync_folder
from zprl_core.host.owned_lock import acquire, owner_words
from zprl_core.id_bounds import HIGHEST

SEGMENT_BYTES = 64 << 20
LOCK = ".lock"


class ReplayLog:
    """Appends to a run's record, for one process at a time."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES):
        """Open the record. Raises RecordError if another process writes it, or on a disk error."""
        self.folder, self.segment_bytes = folder, segment_bytes
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = acquire(folder / LOCK)
        except OSError as error:
            raise RecordError(f"cannot open the record {folder}: {error}; {remedy(error)}") from None
        if lock is None:
            raise RecordError(
                f"another learner writes {folder} ({owner_words(folder / LOCK)}); stop that learner, or give this run "
                "another name"
            )
        self._lock = lock
        try:
            recover(folder)
        except RecordError:
            self._lock.close()
            raise
        except OSError as error:
            self._lock.close()
            raise RecordError(f"cannot open the record {folder}: {error}; {remedy(error)}") from None
        self._segment: Segment | None = None
        self._metadata = BagMetadata(folder)
        self._describe()

    def write(self, entries: Sequence[Entry]) -> None:
        """Append entries. On disk when this returns. Raises RecordError on a disk error; nothing is kept then."""
        try:
            if self._segment is not None and self._segment.size > self.segment_bytes:
                self._finish()
            if self._segment is None:
                self._segment = Segment(self._next_path())
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
            self._describe()

    def _describe(self) -> None:
        """Update metadata.yaml, which is for other programs: the record does not depend on it."""
        with suppress(OSError):
            self._metadata.write(segments(self.folder))

    def _next_path(self) -> Path:
        numbers = [int(path.stem) for path in segments(self.folder)]
        return self.folder / f"{max(numbers, default=-1) + 1:06d}.mcap"


def segments(folder: Path) -> list[Path]:
    """List the record's files, oldest first."""
    numbered = (path for path in folder.glob("*.mcap") if path.stem.isdecimal())
    return sorted(path for path in numbered if int(path.stem) <= HIGHEST)


def read(folder: Path) -> Iterator[Entry]:
    """Read every entry, oldest first. A file that was left open ends with its last complete message.

    Raises RecordError if a file is damaged before its end.
    """
    for path in segments(folder):
        for entry, _ in read_segment(path):
            yield entry


def recover(folder: Path) -> None:
    """Close the files that a killed writer left open. Raises OSError on a disk error; nothing is lost then."""
    for leftover in folder.glob("*.mcap.new"):
        leftover.unlink()
    for path in segments(folder):
        if not is_closed(path):
            _close(path)


def _close(path: Path) -> None:
    """Replace a file that was left open by a closed one with its complete messages."""
    if next(read_segment(path), None) is None:
        path.unlink()
        return
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        writer, channels = begin(file)
        sharing = StateSharing()
        for count, (entry, log_ns) in enumerate(read_segment(path)):
            add(writer, channels, entry, log_ns, count, sharing)
        writer.finish()
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync_folder(path.parent)
