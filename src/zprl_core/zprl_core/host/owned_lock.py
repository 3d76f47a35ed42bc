"""An exclusive lock on a file that says who holds it, across the users of one machine."""

import contextlib
import dataclasses
import fcntl
import json
import os
from pathlib import Path

from zprl_core.host.processes import Process, this_process

MOST_BYTES = 4096  # of a lock file


class OwnedLock:
    """Holds the lock on a file until it is closed, or until the process ends."""

    def __init__(self, file: int, path: Path):
        self._file, self.path = file, path

    def close(self) -> None:
        """Release the lock. The file stays; who holds the lock may remove it."""
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> "OwnedLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def acquire(path: Path, mode: int = 0o664) -> OwnedLock | None:
    """Lock the file, and write this process into it; None when another process holds it. Raises OSError.

    `mode`: permissions of a new file. Everyone should be able to read it, as it names the owner.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW  # a link in /tmp may lead to any file of this user
    file = os.open(path, flags, mode)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    if os.fstat(file).st_nlink == 0:  # its owner removed it with its folder
        os.close(file)
        return None
    try:
        with contextlib.suppress(PermissionError):  # another user's file in a shared folder
            os.fchmod(file, mode)
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(dataclasses.asdict(this_process())).encode(), 0)
    except BaseException:
        os.close(file)
        raise
    return OwnedLock(file, path)


def owner(path: Path) -> Process | None:
    """Return the running process that a lock file names; None for a left-over, damaged or unreadable file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            record = json.loads(os.read(file, MOST_BYTES))
        finally:
            os.close(file)
        process = Process(**record)
        return process if process.alive else None
    except (OSError, ValueError, TypeError, OverflowError, RecursionError):
        return None


def owner_words(path: Path) -> str:
    """Return the owner of a held lock for an error message."""
    process = owner(path)
    return str(process) if process is not None else "a process that the lock file does not name"
