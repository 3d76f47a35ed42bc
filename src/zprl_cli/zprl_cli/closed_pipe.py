"""Ends a command quietly when nothing reads its output any more, as Unix programs do: `zprl tasks | head -1`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

CLOSED_PIPE = 128 + signal.SIGPIPE  # the exit code that a shell gives a program ended by SIGPIPE


@contextmanager
def quiet_on_closed_pipe() -> Iterator[None]:
    """Exit without a message when the block writes to a closed pipe.

    The block is left by an exception, unlike with SIGPIPE, so that a graph stops its nodes.
    """
    try:
        yield
    except BrokenPipeError:
        _discard_output()
        sys.exit(CLOSED_PIPE)


def _discard_output() -> None:
    """Redirect what is still buffered for a closed pipe, which the interpreter would try to write at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
