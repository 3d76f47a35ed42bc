"""A node receives a signal when the process that started it ends, however that ended, and heeds Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PARENT = """
import signal, subprocess, sys
from zprl_bringup.runner import die_with_parent
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as the background job of a script
child = subprocess.Popen([*die_with_parent.command(signal.SIGTERM), sys.executable, "-c", sys.argv[1]])
child.wait()
"""
CHILD = """
import signal, sys
assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("orderly", flush=True)))
print("ready", flush=True)
while True:
    signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_in_order_when_its_parent_is_gone(number: signal.Signals, tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None and parent.stdout.readline() == "ready\n"
    os.kill(parent.pid, number)
    assert parent.stdout.read() == "orderly\n"  # until the child has closed it
    assert parent.wait() == -number
