"""Start a node so that it cannot outlive the runner: guard.py <runner's pid> <executable> [argument...].

Runs in the new process, before the node's own program replaces it. A separate program, because Python code
between fork and exec of a process with threads may deadlock. Standard library only: no site-packages here.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Bind this process's life to the runner's, then become the node."""
    runner, command = int(arguments[0]), arguments[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl(PR_SET_PDEATHSIG) failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != runner:
        sys.exit("the runner died before its node began")
    # A shell that starts the runner in the background makes it ignore SIGINT, and children inherit that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
