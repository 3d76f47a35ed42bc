"""Priority is taken where it is allowed, and its refusal changes nothing."""

import os
import subprocess
import sys
import threading

import pytest

from zprl_core.host.scheduling import AUTOGROUP, PRIORITY, go_first


def test_a_refusal_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert "rtprio limit of 20" in go_first()


def test_only_the_thread_that_asks_goes_first() -> None:
    found: list[int] = []
    before = os.sched_getscheduler(0)  # franky raises the thread of a test that connects with it

    def work() -> None:
        if go_first() == f"SCHED_FIFO {PRIORITY}":
            found.append(os.sched_getscheduler(0) & os.SCHED_FIFO)
            child = threading.Thread(target=lambda: found.append(os.sched_getscheduler(0)))
            child.start()
            child.join()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found in ([], [os.SCHED_FIFO, os.SCHED_OTHER])
    assert os.sched_getscheduler(0) == before


LAST = """
import os, sys
from zprl_core.host.scheduling import AUTOGROUP, go_last
before = os.nice(0)
go_last(7)
words = AUTOGROUP.read_text().split() if AUTOGROUP.exists() else []
print(os.nice(0) - before, os.nice(0), words[-1] if words else None)
"""


def last(own_session: bool) -> list[str]:
    command = [sys.executable, "-c", LAST]
    done = subprocess.run(command, start_new_session=own_session, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_process_with_its_own_session_lowers_the_session_too() -> None:
    added, nice, group = last(own_session=True)
    assert added == "7"
    assert group in ("None", nice)


def test_a_process_of_a_shared_session_leaves_the_session_as_it_is() -> None:
    words = AUTOGROUP.read_text().split() if AUTOGROUP.exists() else []
    if not words:  # the file is empty for a process that is in no session's group, as in some containers
        pytest.skip("the kernel has no autogroups, or this process is in none")
    added, _, after = last(own_session=False)
    assert (added, after) == ("7", words[-1])
