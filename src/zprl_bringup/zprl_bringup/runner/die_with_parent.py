"""Starts a node so that it cannot outlive its parent: die_with_parent.py <parent's pid> <signal> <node> [argument...].

Runs in the new process until the node's executable replaces it. It is a separate program because Python code between
fork and exec of a process with threads may deadlock. It uses the standard library only, as it starts without
site-packages.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def command(number: signal.Signals) -> list[str]:
    """Return the start of a command line whose process gets the signal `number` when the calling process ends."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(number))]


def main(arguments: list[str]) -> None:
    """Ask Linux to signal this process when its parent ends, then execute the node."""
    parent, number, node = int(arguments[0]), int(arguments[1]), arguments[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        sys.exit(f"prctl(PR_SET_PDEATHSIG) failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the process that starts the nodes ended before this node started")
    # A shell that starts the parent in the background makes it ignore SIGINT, and children inherit that. The parent
    # stops its nodes by it. SIGHUP stays as it is: under nohup nothing may end with the terminal.
    # A worker of Ray blocks SIGINT, and a mask is inherited, too.
    for heeded in (signal.SIGINT, signal.SIGTERM):
        signal.signal(heeded, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        os.execv(node[0], node)
    except OSError as error:
        sys.exit(f"cannot start {node[0]}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
