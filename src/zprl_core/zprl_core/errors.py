"""Errors shared by several packages, and helpers for their messages."""

import errno

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
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "check the write permissions there"
    return "check what is at that path"
