"""One command of a sweep as a process: its log, its end, and its last lines. Runs where Ray puts it."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from zprl_bringup.runner import die_with_parent
from zprl_bringup.runner.node_process import node_environment
from zprl_cli.sweep.token import Token

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
LAST_LINES = 5
END_S = 30.0  # time for a checkpoint after SIGINT
LOOK_EVERY_S = 0.2  # ray.cancel interrupts Python code, not a wait for a process


@dataclass(frozen=True)
class Work:
    """A command of a sweep. `name`: of its run, or of the base that it makes; `arguments`: those after zprl."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    token: Token
    cores: int = 1
    gpus: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """The end of a command. `trouble`: "" if it succeeded."""

    name: str
    seconds: float
    trouble: str = ""
    last_lines: tuple[str, ...] = ()


def perform(work: Work, *needed: Outcome) -> Outcome:
    """Run a command to its end, unless one that it needs has failed. An exception ends the process, with SIGINT."""
    failed = next((other for other in needed if other.trouble), None)
    if failed is not None:
        return Outcome(work.name, 0.0, f"its base was not made: {failed.trouble}", failed.last_lines)
    if missing := work.token.trouble():
        return Outcome(work.name, 0.0, missing)
    began_s = time.monotonic()
    code = _run(work)
    seconds = time.monotonic() - began_s
    if code == 0:
        return Outcome(work.name, seconds)
    how = f"exit code {code}" if code > 0 else signal.Signals(-code).name
    return Outcome(work.name, seconds, f"{how} on {socket.gethostname()}", last_lines(work.log))


def last_lines(log: Path, most: int = LAST_LINES) -> tuple[str, ...]:
    """Return the last lines of a log that are not empty."""
    with contextlib.suppress(OSError), log.open(errors="replace") as file:
        return tuple(deque((line.rstrip() for line in file if line.strip()), most))
    return ()


def _run(work: Work) -> int:
    """Return the exit code; negative: the signal that ended it."""
    threads = dict.fromkeys(THREAD_VARIABLES, str(work.cores))
    command = [sys.executable, "-m", "zprl_cli.main", *work.arguments]
    with work.log.open("ab", buffering=0) as log:
        log.write(f"$ {shlex.join(('zprl', *work.arguments))}\n".encode())
        process = subprocess.Popen(
            [*die_with_parent.command(signal.SIGKILL), *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=node_environment({**os.environ, **threads}),
            start_new_session=True,
        )
    try:
        while (code := process.poll()) is None:
            time.sleep(LOOK_EVERY_S)
        return code
    except BaseException:  # KeyboardInterrupt by ray.cancel, SystemExit at the end of the worker
        _end(process)
        raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process group: SIGINT, so that a run keeps a checkpoint, and SIGKILL if that takes too long."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
            return
