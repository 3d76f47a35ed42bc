"""A lock names its owner, and one that was left behind blocks nothing."""

import dataclasses
import fcntl
import json
import os
import stat
from pathlib import Path

import pytest

from zprl_core.host.owned_lock import acquire, owner, owner_words
from zprl_core.host.processes import this_process


def test_a_held_lock_names_its_owner_and_is_free_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = acquire(path)
    assert lock is not None and acquire(path) is None
    assert owner(path) == this_process() and f"process {os.getpid()} of user" in owner_words(path)
    lock.close()
    lock.close()
    assert owner(path) is None and path.exists()
    with acquire(path) or pytest.fail("still locked"):
        assert owner(path) is not None


def test_everybody_may_read_whose_it_is_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with acquire(tmp_path / "lock", 0o644) or pytest.fail("locked"):
            assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o644
    finally:
        os.umask(before)


def test_a_left_over_lock_names_nobody(tmp_path: Path) -> None:
    """Its process is gone, or another process has the id now."""
    path, here = tmp_path / "lock", this_process()
    for gone in (dataclasses.replace(here, started=here.started + 1), dataclasses.replace(here, pid=4_194_304)):
        path.write_text(json.dumps(dataclasses.asdict(gone)))
        assert owner(path) is None
        assert owner_words(path) == "a process that the lock file does not name"
        with acquire(path) or pytest.fail("locked"):
            assert owner(path) == here


@pytest.mark.parametrize("text", ["", "123\n", "[]", "{}", '{"pid": "x"}', "[" * 4096, '{"pid": 1e999}', "\0\xff"])
def test_a_damaged_lock_file_names_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").write_text(text, encoding="latin-1")
    assert owner(tmp_path / "lock") is None and owner(tmp_path / "none") is None


def test_a_lock_that_its_owner_removed_meanwhile_is_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process opened the file before that, and would hold a lock on a file that has no name."""
    path, lock = tmp_path / "lock", fcntl.flock

    def late(file: int, how: int) -> None:
        path.unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    assert acquire(path) is None and not path.exists()
    monkeypatch.undo()
    with acquire(path) or pytest.fail("locked"):
        assert path.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """In a temporary folder anybody can put one there, to a file of this user."""
    (tmp_path / "thesis").write_text("kept")
    (tmp_path / "lock").symlink_to(tmp_path / "thesis")
    with pytest.raises(OSError):
        acquire(tmp_path / "lock")
    assert (tmp_path / "thesis").read_text() == "kept" and owner(tmp_path / "lock") is None
