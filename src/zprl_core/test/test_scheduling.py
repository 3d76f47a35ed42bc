"""Priority is taken where it is allowed, and its refusal changes nothing."""

import os
import threading

import pytest

from zprl_core.scheduling import PRIORITY, go_first


def test_a_refusal_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert "rtprio limit of 20" in go_first()


def test_only_the_thread_that_asks_goes_first() -> None:
    found: list[int] = []

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
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
