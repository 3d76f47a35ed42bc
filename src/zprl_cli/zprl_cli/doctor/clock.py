"""Checks that the wall clock runs evenly and is synchronized. Stamps and freshness depend on it."""

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
UNSYNCHRONIZED, TIME_ERROR = 0x40, 5  # of linux/timex.h


@dataclass(frozen=True)
class Sync:
    """The kernel's state of synchronization, as set by chrony, ntpd, systemd-timesyncd or ptp."""

    synchronized: bool
    max_error_ms: float


class _Timex(ctypes.Structure):
    """The struct timex of linux/timex.h on a 64-bit machine."""

    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 512),
    ]  # fmt: skip


def look(seconds: float = 1.0) -> Iterator[Finding]:
    """Check steps of the wall clock and its synchronization."""
    yield judge_steps(offsets_ms(seconds))
    sync = read_sync()
    yield judge_sync(sync) if sync is not None else skipped(SYNC, "not reported by this machine")


def judge_steps(offsets: Sequence[float]) -> Finding:
    """Judge successive offsets of wall clock minus monotonic clock [ms]. Only their changes matter."""
    if len(offsets) < 2:
        return warn(STEADY, "too busy to read the clocks", "end other programs")
    step = max(abs(b - a) for a, b in pairwise(offsets))
    found = f"largest step of the wall clock {step:.2f} ms"
    if step < STEP_WARN_MS:
        return ok(STEADY, found)
    remedy = "let one program slew the clock (chrony), not step it; ptp and ntp at once fight"
    return (warn if step < STEP_FAIL_MS else fail)(STEADY, found, remedy)


def judge_sync(sync: Sync) -> Finding:
    """Judge synchronization, which several machines need and one does not."""
    remedy = "sudo apt install chrony (or timedatectl set-ntp true); nodes on several machines need it, one does not"
    if not sync.synchronized:
        return warn(SYNC, "the clock is not synchronized", remedy)
    found = f"synchronized, off by at most {sync.max_error_ms:.0f} ms"
    return (
        ok(SYNC, found) if sync.max_error_ms < ERROR_WARN_MS else warn(SYNC, found, f"see chronyc tracking; {remedy}")
    )


def offsets_ms(seconds: float) -> list[float]:
    """Sample wall clock minus monotonic clock every 10 ms, relative to the first sample."""
    offsets: list[int] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        if after - before < BRACKET_NS:
            offsets.append(wall - (before + after) // 2)
        time.sleep(0.01)
    return [(offset - offsets[0]) / 1e6 for offset in offsets]


def read_sync() -> Sync | None:
    """Query the kernel, which needs no privileges. None if it does not answer."""
    answer = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(answer))
    if state < 0:
        return None
    good = state != TIME_ERROR and not answer.status & UNSYNCHRONIZED
    return Sync(good, answer.maxerror / 1e3)
