"""Keeps signals ignored that the caller of a program has ignored, as nohup and shell scripts do."""

import signal

KEPT = (signal.SIGHUP, signal.SIGINT)  # SIGTERM must always be able to stop a robot


def heeded(*numbers: signal.Signals) -> tuple[signal.Signals, ...]:
    """Return the signals to handle: those that this process does not ignore, and SIGTERM.

    nohup ignores SIGHUP, so that a run outlives its terminal. A script ignores SIGINT for what it starts in the
    background, so that Ctrl-C ends the script alone.
    """
    return tuple(n for n in numbers if n not in KEPT or signal.getsignal(n) is not signal.SIG_IGN)
