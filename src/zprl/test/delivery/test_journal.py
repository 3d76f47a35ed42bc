"""The journal: what it returned from is on the disk, whatever happens next."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from zprl.delivery.journal import Journal, JournalError

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
