"""The robot's journal keeps every transition on disk from before it is published until the learner has stored it.

It is SQLite in WAL mode with every commit synced: after `append` returns, data survives a crash and a power cut. A
state that two neighbors share is stored once (`state_sharing`); the first transition is always complete.
"""

import secrets
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from zprl.delivery.state_sharing import StateSharing
from zprl.delivery.transition_codec import Malformed
from zprl_core.host.processes import held_by
from zprl_core.id_bounds import HIGHEST

FORMAT = 2  # in format 1 every transition is complete
BUSY_MS = 2000
PAGE_BYTES = 16384  # a transition with E = 512 takes more than half of a page of 4096, the default
WAL_PAGES = 250  # 4 MB, as by default with smaller pages
SCHEMA = """
CREATE TABLE IF NOT EXISTS transition (
    sequence INTEGER PRIMARY KEY, data BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS state (
    only INTEGER PRIMARY KEY CHECK (only = 0), number INTEGER, first INTEGER, next INTEGER
) STRICT;
"""

FAULTS = (sqlite3.Error, UnicodeDecodeError)  # the second when an error message quotes damaged data
# Parts of SQLite's messages that do not mean a damaged file.
NOT_DAMAGE = ("locked", "full", "disk I/O", "unable to open", "readonly", "permission", "out of memory")


class JournalError(OSError):
    """The journal cannot be read or written; the message says why and what to do."""


class Journal:
    """Transitions from `first` on, numbered without gaps up to `next`. For one process and one thread."""

    def __init__(self, path: Path):
        """Open or create the journal. A damaged file is set aside and a new journal is created.

        Raises JournalError on a disk error, or if another process has the journal open.
        """
        self.path = path
        self.set_aside: Path | None = None  # path of a damaged journal
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._open()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if any(words in str(error) for words in NOT_DAMAGE):
                    raise
                self._set_aside()
                self._open()
        except (*FAULTS, OSError) as error:
            raise JournalError(f"cannot open the journal {path}: {_remedy(error, path)}") from None

    def _open(self) -> None:
        self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1e3)
        try:
            self._db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # before the first table, or never
            self._db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # the same
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._db.executescript(SCHEMA)
            if _schema(self._db) != _own_schema():
                raise sqlite3.DatabaseError("its tables are not those of a journal")
            self._db.execute(f"PRAGMA user_version = {FORMAT}")
            if self._db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("its pages are damaged")
            number = secrets.randbits(63)
            self._db.execute("INSERT OR IGNORE INTO state VALUES (0, ?, 0, 0)", (number,))
            self.number, self.first, self.next = self._db.execute("SELECT number, first, next FROM state").fetchone()
            self._check()
        except BaseException:
            self._db.close()
            raise

    def _check(self) -> None:
        low, high, count = self._db.execute("SELECT min(sequence), max(sequence), count(*) FROM transition").fetchone()
        whole = (low, high, count) == (self.first, self.next - 1, self.next - self.first)
        if not (whole or (count == 0 and self.first == self.next)):
            raise sqlite3.DatabaseError("transitions are missing in it")
        if not (0 <= self.first <= self.next <= HIGHEST and 0 <= self.number < 1 << 63):
            raise sqlite3.DatabaseError("its counts are impossible")
        sharing = StateSharing()
        for data, crc in self._db.execute("SELECT data, crc FROM transition ORDER BY sequence"):
            if zlib.crc32(data) != crc:
                raise sqlite3.DatabaseError("transitions in it are damaged")
            try:
                sharing.restored(data)
            except Malformed as error:
                raise sqlite3.DatabaseError(str(error)) from None

    def _set_aside(self) -> None:
        kept = self.path.with_name(f"{self.path.name}.damaged-{secrets.token_hex(4)}")
        for suffix in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + suffix)
            if file.exists():
                file.rename(kept.with_name(kept.name + suffix))
        self.set_aside = kept

    def __len__(self) -> int:
        """Number of unacknowledged transitions."""
        return self.next - self.first

    @property
    def size_bytes(self) -> int:
        """Used size of the file [bytes]. Raises JournalError."""
        with self._reading():
            pages, free, size = (
                self._db.execute(f"PRAGMA {x}").fetchone()[0] for x in ("page_count", "freelist_count", "page_size")
            )
        return int((pages - free) * size)

    def append(self, encode: Sequence[Callable[[int], bytes]]) -> None:
        """Write one transition per function, which receives its number. On disk when this returns.

        Raises JournalError on a disk error; nothing is written then.
        """
        sharing = self._sharing(self.next)
        rows = [_row(self.next + i, sharing.shortened(make(self.next + i))) for i, make in enumerate(encode)]
        with self._transaction():
            self._db.executemany("INSERT INTO transition VALUES (?, ?, ?)", rows)
            self._db.execute("UPDATE state SET next = ?", (self.next + len(rows),))
        self.next += len(rows)

    def read(self, begin: int, end: int) -> list[bytes]:
        """Read the transitions with numbers from `begin` to before `end`. Raises JournalError."""
        sharing = self._sharing(begin)
        return [sharing.restored(data) for data in self._stored(begin, end)]

    def _sharing(self, begin: int) -> StateSharing:
        """State sharing that goes on with transition `begin`. Raises JournalError."""
        sharing = StateSharing()
        for before in self._stored(begin - 1, begin):
            sharing.remember(before)
        return sharing

    def _stored(self, begin: int, end: int) -> list[bytes]:
        """Read transitions as they are stored. Raises JournalError."""
        with self._reading():
            rows = self._db.execute(
                "SELECT data FROM transition WHERE sequence >= ? AND sequence < ? ORDER BY sequence", (begin, end)
            )
            return [row[0] for row in rows]

    def forget(self, upto: int) -> None:
        """Delete everything below `upto`, which is stored elsewhere, and free the space. Raises JournalError."""
        upto = min(upto, self.next)
        if upto <= self.first:
            return
        complete = self.read(upto, upto + 1)
        with self._transaction():
            self._db.execute("DELETE FROM transition WHERE sequence < ?", (upto,))
            for data in complete:  # the first one left may lack a state that only a deleted one held
                update = "UPDATE transition SET data = ?, crc = ? WHERE sequence = ? AND length(data) < ?"
                self._db.execute(update, (data, zlib.crc32(data), upto, len(data)))
            self._db.execute("UPDATE state SET first = ?", (upto,))
        self.first = upto
        with self._reading():
            self._db.execute("PRAGMA incremental_vacuum")

    def renew(self, encode: Callable[[bytes, int, int], bytes]) -> None:
        """Give the journal a new number, and renumber its transitions from 0.

        For a journal restored from a copy, whose next numbers are already used. `encode` receives the bytes, the
        journal's new number and the new sequence. Raises JournalError.
        """
        number, count = secrets.randbits(63), len(self)
        with self._transaction():
            for new in range(count):  # one at a time: a full journal may not fit into memory
                old = self.first + new
                row = self._db.execute("SELECT data FROM transition WHERE sequence = ?", (old,)).fetchone()
                self._db.execute("DELETE FROM transition WHERE sequence = ?", (old,))
                self._db.execute("INSERT INTO transition VALUES (?, ?, ?)", _row(new, encode(row[0], number, new)))
            self._db.execute("UPDATE state SET number = ?, first = 0, next = ?", (number, count))
        self.number, self.first, self.next = number, 0, count

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except FAULTS as error:
            raise JournalError(f"cannot read the journal {self.path}: {_remedy(error, self.path)}") from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except FAULTS as error:
            raise JournalError(f"cannot write the journal {self.path}: {_remedy(error, self.path)}") from None


def _row(sequence: int, data: bytes) -> tuple[int, bytes, int]:
    return sequence, data, zlib.crc32(data)


def _schema(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    rows = db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
    return [(kind, name, " ".join(str(sql).split())) for kind, name, sql in rows]


@cache
def _own_schema() -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA)
        return _schema(db)


def _remedy(error: Exception, path: Path) -> str:
    text = str(error)
    if "locked" in text:
        stop = "stop that policy, or give this robot another state folder"
        return f"another policy has it open ({held_by(path)}); {stop}"
    if "full" in text or "space" in text:
        return f"{text}; free some disk space, and it continues by itself"
    return f"{text}; check that the folder is writable"
