"""Errors shared by several packages, and helpers for their messages."""

import contextlib
import errno
import os
from pathlib import Path

from zprl_core.host.processes import user_name

USER_ERROR = 2  # exit code after bad input: restarting the program cannot help
QUOTED = 200  # longest quotation of bad input in an error, in characters


class CheckpointError(Exception):
    """A checkpoint or a set of weights cannot be used; the message says why and what to do."""


class RecordError(OSError):
    """The record of a run cannot be read or written; the message says why and what to do."""


def quoted(value: object) -> str:
    """Returns `value` for an error message: on one line, and cut off when it is long."""
    return "".join(c if c.isprintable() else "?" for c in str(value)[:QUOTED])


def remedy(error: OSError) -> str:
    """Returns what to do when a file cannot be written, as the first half of a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some disk space"
    if error.errno == errno.EROFS:
        return "check the write permissions there, as the file system is read-only"
    if error.errno in (errno.EACCES, errno.EPERM):
        return _about_permissions(error.filename)
    return "check what is at that path"


def _about_permissions(path: object) -> str:
    """Says whose the file or folder is when it belongs to another user."""
    there = Path(os.fsdecode(path)).absolute() if isinstance(path, str | bytes | os.PathLike) else None
    while there is not None and there != there.parent:
        with contextlib.suppress(OSError):
            uid = there.stat().st_uid
            if uid != os.geteuid():
                return f"{there} belongs to {user_name(uid)}: ask for write permission, or use a folder of your own"
            break
        there = there.parent
    return "check the write permissions there"
