"""Control goes before everything else on its machine, where the machine allows that."""

import os

PRIORITY = 20  # SCHED_FIFO: above every ordinary program, below the kernel's own threads (50)


def go_first(priority: int = PRIORITY) -> str:
    """Schedule the calling thread by SCHED_FIFO; threads that it starts are ordinary again. Returns what came of it.

    It needs root, CAP_SYS_NICE, or an rtprio limit (limits.conf); without one nothing changes.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except (OSError, AttributeError) as error:
        return f"normal ({error}); an rtprio limit of {priority} lets control go first"
    return f"SCHED_FIFO {priority}"
