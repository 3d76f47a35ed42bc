"""Starts a node so that it cannot outlive the runner: die_with_parent.py <runner's pid> <executable> [argument...].

Runs in the new process until the node's executable replaces it. It is a separate program because Python code between
fork and exec of a process with threads may deadlock. It uses the standard library only, as it starts without
site-packages.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask Linux to end this process with the runner, then execute the node."""
    runner, command = int(arguments[0]), arguments[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl(PR_SET_PDEATHSIG) failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != runner:
        sys.exit("the runner ended before its node started")
    # A shell that starts the runner in the background makes it ignore SIGINT, and children inherit that. The runner
    # stops its nodes by it. SIGHUP stays as it is: under nohup nothing may end with the terminal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
