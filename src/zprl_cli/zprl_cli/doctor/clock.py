"""Whether the wall clock runs evenly, and whether somebody keeps it right. Stamps and freshness hang on it."""

import ctypes
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn

STEADY, SYNC = "clock", "time sync"
STEP_WARN_MS, STEP_FAIL_MS = 2.0, 50.0  # 50 ms is a control period
ERROR_WARN_MS = 100.0
BRACKET_NS = 100_000  # a reading that took longer was interrupted
UNSYNCHRONISED, TIME_ERROR = 0x40, 5  # of linux/timex.h


@dataclass(frozen=True)
class Sync:
    """What the kernel knows. Whoever keeps the clock (chrony, ntpd, systemd-timesyncd, ptp) tells it."""

    synchronised: bool
    max_error_ms: float


class _Timex(ctypes.Structure):
    """struct timex of linux/timex.h on a 64-bit machine."""

    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 512),
    ]  # fmt: skip


def look(seconds: float = 1.0) -> Iterator[Finding]:
    """Both."""
    yield judge_steps(offsets_ms(seconds))
    sync = read_sync()
    yield judge_sync(sync) if sync is not None else skipped(SYNC, "this machine does not say")


def judge_steps(offsets: Sequence[float]) -> Finding:
    """`offsets`: wall clock minus monotonic clock [ms], one after the other. Only their changes count."""
    if len(offsets) < 2:
        return warn(STEADY, "too busy to read the clocks", "end other programs")
    step = max(abs(b - a) for a, b in pairwise(offsets))
    found = f"largest step of the wall clock {step:.2f} ms"
    if step < STEP_WARN_MS:
        return ok(STEADY, found)
    remedy = "let one program slew the clock (chrony), not step it; ptp and ntp at once fight"
    return (warn if step < STEP_FAIL_MS else fail)(STEADY, found, remedy)


def judge_sync(sync: Sync) -> Finding:
    """One machine alone gets along without; several need it."""
    remedy = "sudo apt install chrony (or timedatectl set-ntp true); nodes on several machines need it, one does not"
    if not sync.synchronised:
        return warn(SYNC, "nobody keeps the clock right", remedy)
    found = f"synchronised, off by at most {sync.max_error_ms:.0f} ms"
    return (
        ok(SYNC, found) if sync.max_error_ms < ERROR_WARN_MS else warn(SYNC, found, f"see chronyc tracking; {remedy}")
    )


def offsets_ms(seconds: float) -> list[float]:
    """Wall clock minus monotonic clock, against the first reading, every 10 ms."""
    offsets: list[int] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        if after - before < BRACKET_NS:
            offsets.append(wall - (before + after) // 2)
        time.sleep(0.01)
    return [(offset - offsets[0]) / 1e6 for offset in offsets]


def read_sync() -> Sync | None:
    """Asks the kernel, which everybody may. None where it does not answer."""
    answer = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(answer))
    if state < 0:
        return None
    good = state != TIME_ERROR and not answer.status & UNSYNCHRONISED
    return Sync(good, answer.maxerror / 1e3)
