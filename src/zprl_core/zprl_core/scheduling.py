"""Real-time scheduling of the control thread, where the machine permits it."""

import os

PRIORITY = 20  # SCHED_FIFO: above every ordinary program, below the kernel's own threads (50)


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
