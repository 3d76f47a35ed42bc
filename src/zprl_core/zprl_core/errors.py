"""Errors that several packages raise and catch, and how their messages are made."""

import errno

USER_ERROR = 2  # exit code of a program that was given bad input: starting it again cannot help
QUOTED = 200  # characters of what is damaged, in an error


class CheckpointError(Exception):
    """A checkpoint or a set of weights cannot be used; the message says why and what to do."""


class RecordError(OSError):
    """The record of a run cannot be read or written; the message says why and what to do."""


def quoted(value: object) -> str:
    """What was found, for an error: in one line, and not all of it where it is long."""
    return "".join(c if c.isprintable() else "?" for c in str(value)[:QUOTED])


def remedy(error: OSError) -> str:
    """What to do when a file cannot be written, as the first half of a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some disk space"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "see who may write there"
    return "see what is at that place"
