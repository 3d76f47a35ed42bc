"""Scheduling: the control thread goes first, where the machine permits it, and a learner last."""

import os
from contextlib import suppress
from pathlib import Path

PRIORITY = 20  # SCHED_FIFO: above every ordinary program, below the kernel's own threads (50)

AUTOGROUP = Path("/proc/self/autogroup")  # absent without the kernel option CONFIG_SCHED_AUTOGROUP


def go_last(increment: int) -> None:
    """Adds `increment` (0 to 19) to the nice value of this process, so that other programs go before it.

    Linux shares the processor among sessions first (`man 7 sched`, autogroup): a nice value alone acts only within the
    session. So a process that leads its own session, as every node of `zprl up` does, lowers its session too.
    """
    nice = os.nice(increment)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # no autogroups: the nice value is enough
            AUTOGROUP.write_text(str(max(0, nice)))


def go_first(priority: int = PRIORITY) -> str:
    """Schedules the calling thread with SCHED_FIFO and returns a description of the result.

    Threads that it starts are scheduled normally again. SCHED_FIFO needs root, CAP_SYS_NICE, or an rtprio limit
    (limits.conf); without one nothing changes.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except (OSError, AttributeError) as error:
        return f"normal ({error}); an rtprio limit of {priority} allows real-time priority"
    return f"SCHED_FIFO {priority}"
