"""A command goes on when its terminal is closed under it."""

import os
import pty
import subprocess
import sys

CODE = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from zprl_cli.lost_terminal import outlive_terminal
outlive_terminal()
print("begun")
sys.stdin.read()
for _ in range(3):
    print("into the void", flush=True)
    print("into the void", file=sys.stderr, flush=True)
sys.exit(7)
"""


def test_what_is_printed_after_the_end_of_the_terminal_is_discarded() -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=follower, stderr=follower)
    os.close(follower)
    assert b"begun" in os.read(leader, 1000)
    os.close(leader)
    process.communicate(timeout=600)
    assert process.returncode == 7
