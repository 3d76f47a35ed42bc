"""Follows one run for one tracker until the run ends: python -m zprl.training.tracking.follow RUN TRACKER.

`zprl finetune` and `zprl up` start it beside a run. It reads the run's files, so that it cannot disturb learning.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from zprl.checkpoints.run_folder import LOCK, RunError, RunFolder
from zprl.training.tracking.open_tracker import open_tracker
from zprl.training.tracking.run_tables import RunTables
from zprl.training.tracking.tracker import Tracker, TrackerKind, tracked_run
from zprl_core.errors import quoted
from zprl_core.host.owned_lock import acquire, owner, owner_words

LOOK_EVERY_S = 5.0
AT_ONCE = 50  # points; what may be sent twice when the follower is killed
LOWEST_PRIORITY = 19
LONGEST_END_S = 120.0  # after the end of the command that started this


def follow(
    folder: RunFolder, kind: TrackerKind, online: bool, ended: Callable[[], bool], wait: Callable[[], object]
) -> int:
    """Send what is new until the run has `ended`, and then the rest. Returns the number of points.

    Raises RunError when another process does the same, or the tracker's package is missing, and what its library
    raises.
    """
    tables, sent = RunTables(folder.path), 0
    while not folder.metrics.is_dir():  # nothing to send yet, and a folder without results may be removed
        if ended():
            return 0
        wait()
    run = tracked_run(folder)
    run.folder.mkdir(exist_ok=True)
    lock = acquire(run.folder / f"{kind.value}.lock")
    if lock is None:
        raise RunError(
            f"{folder.path} is already sent to {kind.value} by {owner_words(run.folder / f'{kind.value}.lock')}; stop "
            "that process, or let it go on"
        )
    with lock:
        tracker = open_tracker(kind, run, online)
        try:
            last = False
            while not last:
                last = ended()  # first, so that nothing is missed that was written before the end
                sent += send_new(tables, tracker)
                if not last:
                    wait()
        finally:
            tracker.close()
    return sent


def send_new(tables: RunTables, tracker: Tracker) -> int:
    """Send the rows that the tracker lacks, some at a time. Returns their number."""
    marks = dict(tracker.marks())
    entries = tables.new(marks)
    for first in range(0, len(entries), AT_ONCE):
        piece = entries[first : first + AT_ONCE]
        marks |= {entry.table: entry.number for entry in piece}
        tracker.send([entry.point for entry in piece if entry.point.values], marks)
    return len(entries)


def is_over(folder: RunFolder) -> bool:
    """True when no command writes the run any more."""
    return owner(folder.path / LOCK) is None


def main() -> None:
    """Follow until the run, or the input of this process, ends; an error is one line, and exit code 1.

    The input is a pipe of the command that started this: unlike a signal, its end is noticed whenever it comes.
    """
    os.nice(LOWEST_PRIORITY)
    stop = threading.Event()
    threading.Thread(target=_await_end, args=(stop,), daemon=True).start()
    folder = RunFolder(Path(sys.argv[1]))
    try:
        follow(
            folder,
            TrackerKind(sys.argv[2]),
            online=False,
            ended=lambda: stop.is_set() or is_over(folder),
            wait=lambda: stop.wait(LOOK_EVERY_S),
        )
    except Exception as error:  # of any kind, from the tracker's library: the command that started this says it
        sys.exit(quoted(error))


def _await_end(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop.set()
    time.sleep(LONGEST_END_S)
    os._exit(1)  # the tracker hangs, and no command waits for it any more


if __name__ == "__main__":
    main()
