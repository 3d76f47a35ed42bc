"""The journal: what it returned from is on the disk, whatever happens next."""

import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from experience import lived
from zprl.delivery.journal import SCHEMA, Journal, JournalError
from zprl.delivery.transition_codec import Key, encode, renumbered

WRITER = """
import sys
from pathlib import Path
from zprl.delivery.journal import Journal
journal = Journal(Path(sys.argv[1]))
while True:
    journal.append([lambda k: b"%d" % k] * 3)
    print(journal.next, flush=True)
"""


def write(journal: Journal, count: int) -> None:
    journal.append([lambda k: b"%d" % k] * count)


def test_it_numbers_keeps_and_forgets(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    write(journal, 5)
    journal.forget(2)
    assert (journal.first, journal.next, len(journal)) == (2, 5, 3)
    assert journal.read(0, 4) == [b"2", b"3"]
    number = journal.number
    journal.close()
    again = Journal(tmp_path / "j.sqlite")
    assert (again.number, again.first, again.next) == (number, 2, 5)
    again.forget(99)
    write(again, 1)
    assert again.read(0, 99) == [b"5"]  # a number is never given twice
    again.close()


def test_two_journals_have_different_numbers(tmp_path: Path) -> None:
    assert Journal(tmp_path / "a").number != Journal(tmp_path / "b").number


def test_what_is_forgotten_gives_its_room_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.append([lambda k: bytes(5000)] * 500)
    assert journal.size_bytes > 2_000_000
    journal.forget(500)
    assert journal.size_bytes < 100_000
    journal.close()


def test_a_writer_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(40)]
    os.kill(writer.pid, signal.SIGKILL)
    lines += writer.stdout.readlines()
    writer.wait()
    said = int([line for line in lines if line.endswith(b"\n")][-1])
    journal = Journal(path)
    assert journal.next >= said and journal.read(0, 1 << 40) == [b"%d" % k for k in range(journal.next)]
    journal.close()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    path = str(tmp_path / "j.sqlite")
    code = f"from pathlib import Path; from zprl.delivery.journal import Journal; Journal(Path({path!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert other.returncode and "another policy has it open (process " in other.stderr
    journal.close()


def test_a_full_disk_writes_nothing_and_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    write(journal, 3)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="free some disk space"):
        journal.append([lambda k: bytes(100_000)] * 3)
    assert journal.next == 3
    journal._db.execute("PRAGMA max_page_count = 1000000")
    write(journal, 1)
    assert journal.read(0, 99) == [b"0", b"1", b"2", b"3"]
    journal.close()


@pytest.mark.parametrize("damage", ["text", "hole", "lost row"])
def test_a_damaged_journal_is_set_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "j.sqlite"
    journal = Journal(path)
    journal.append([lambda k: bytes(3000)] * 20)
    journal.close()
    if damage == "lost row":
        with sqlite3.connect(path) as db:
            db.execute("DELETE FROM transition WHERE sequence = 7")
        db.close()
    else:
        data = path.read_bytes()
        path.write_bytes(b"no database" * 100 if damage == "text" else data[:8192] + bytes(8192) + data[16384:])
    again = Journal(path)
    assert again.set_aside is not None and again.set_aside.exists() and again.next == 0
    again.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot open the journal"):
        Journal(tmp_path / "file" / "j.sqlite")


def test_one_wrong_byte_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    journal = Journal(path)
    journal.append([lambda k: b"a transition that no page holds a checksum of"] * 3)
    journal.close()
    path.write_bytes(path.read_bytes().replace(b"no page", b"no cage"))
    assert Journal(path).set_aside is not None


def test_a_journal_that_is_another_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON transition BEGIN DELETE FROM state; END")
    db.close()
    assert Journal(path).set_aside is not None


def test_a_journal_gets_other_numbers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    write(journal, 9)
    journal.forget(3)
    before = journal.number
    journal.renew(lambda data, number, new: b"%s->%d" % (data, new))
    assert journal.number != before and (journal.first, journal.next) == (0, 6)
    assert journal.read(0, 9) == [b"%d->%d" % (k + 3, k) for k in range(6)]


LIVED = lived(12, length=4)


def told(journal: Journal, k: int) -> bytes:
    """The k-th transition, which starts where the one before it ended, but for the first of each episode."""
    return encode(Key("run", "robot", journal.number, k), LIVED[k])


def append_lived(journal: Journal, count: int) -> None:
    journal.append([partial(told, journal)] * count)


def kept_bytes(journal: Journal) -> list[int]:
    return [len(row[0]) for row in journal._db.execute("SELECT data FROM transition ORDER BY sequence")]


def test_a_shared_state_is_kept_once_also_across_a_restart(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    append_lived(journal, 2)
    append_lived(journal, 1)
    sent = [told(journal, k) for k in range(12)]
    assert kept_bytes(journal) == [len(sent[0]), *[len(sent[0]) - 36] * 2]
    journal.close()
    again = Journal(tmp_path / "j.sqlite")
    append_lived(again, 9)
    assert kept_bytes(again) == [len(sent[0]), *[len(sent[0]) - 36] * 3] * 3
    assert all(again.read(begin, end) == sent[begin:end] for begin in range(13) for end in range(begin, 13))
    again.close()


@pytest.mark.parametrize("upto", range(1, 13))
def test_the_first_one_left_is_complete(tmp_path: Path, upto: int) -> None:
    """A learner that has lost its record gets only what the journal still holds."""
    journal = Journal(tmp_path / "j.sqlite")
    append_lived(journal, 12)
    sent = [told(journal, k) for k in range(12)]
    journal.forget(upto)
    journal.close()
    again = Journal(tmp_path / "j.sqlite")
    assert again.set_aside is None and again.read(0, 99) == sent[upto:]
    assert kept_bytes(again)[:1] == [len(sent[0])][: 12 - upto]
    again.close()


def test_one_after_everything_was_forgotten_is_complete(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    append_lived(journal, 2)
    journal.forget(2)
    append_lived(journal, 1)
    assert kept_bytes(journal) == [len(told(journal, 2))] and journal.read(0, 9) == [told(journal, 2)]
    journal.close()


def test_other_numbers_keep_the_states(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    append_lived(journal, 12)
    journal.forget(2)
    before = journal.read(0, 99)
    journal.renew(renumbered)
    assert journal.read(0, 99) == [renumbered(data, journal.number, k) for k, data in enumerate(before)]
    assert min(kept_bytes(journal)) < len(before[0]) == kept_bytes(journal)[0]
    journal.close()


def test_a_journal_of_format_1_goes_on(tmp_path: Path) -> None:
    """It holds complete transitions only, on smaller pages."""
    path = tmp_path / "j.sqlite"
    sent = [encode(Key("run", "robot", 5, k), LIVED[k]) for k in range(12)]
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for name, value in (("page_size", "4096"), ("auto_vacuum", "INCREMENTAL"), ("user_version", "1")):
            db.execute(f"PRAGMA {name} = {value}")
        db.executescript(SCHEMA)
        rows = [(k, sent[k], zlib.crc32(sent[k])) for k in range(3)]
        db.executemany("INSERT INTO transition VALUES (?, ?, ?)", rows)
        db.execute("INSERT INTO state VALUES (0, 5, 0, 3)")
    again = Journal(path)
    append_lived(again, 2)
    assert again.set_aside is None and again.read(0, 9) == sent[:5]
    assert kept_bytes(again) == [len(sent[0])] * 3 + [len(sent[0]) - 36, len(sent[0])]
    again.close()


def test_a_first_transition_without_its_state_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    journal = Journal(path)
    append_lived(journal, 3)
    with journal._transaction():
        journal._db.execute("DELETE FROM transition WHERE sequence = 0")
        journal._db.execute("UPDATE state SET first = 1")
    journal.close()
    assert Journal(path).set_aside is not None
