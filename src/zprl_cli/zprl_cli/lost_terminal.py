"""Lets a command in the background outlive its terminal: what it then prints is discarded."""

import errno
import io
import os
import sys
from typing import Any


class TerminalWriter(io.FileIO):
    """Writes to a terminal, and to /dev/null once the terminal is closed, where Linux answers EIO."""

    def write(self, data: Any) -> int:
        """Write bytes; returns their number."""
        try:
            return int(super().write(data) or 0)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.fileno())
        os.close(null)
        return len(data)


def outlive_terminal() -> None:
    """Make stdout and stderr survive the end of their terminal; other files are left alone."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            stream.flush()
            raw = TerminalWriter(stream.fileno(), "w", closefd=False)
            buffered = io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(buffered, stream.encoding, stream.errors, line_buffering=True))
