"""What a door is, and the watch at it: malformed inputs go in, and whatever is not the documented error is a crash."""

import gc
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

BATCH = 250  # inputs of one hypothesis run; a crash is found again by door and batch
HANG_S = 20  # computing time after which an input counts as a hang
BLOCKED_S = 600  # the same in real time, long, as a busy machine may not compute for a while
ROOM = 3 << 30  # bytes of address space that the inputs may take beyond what the process has

Enter = Callable[[Any], bool]  # whether the input was refused; raises one of the door's errors, or something else


@dataclass(frozen=True)
class FuzzTarget:
    """One way in. `open` gets an empty folder and returns what takes an input."""

    name: str
    weight: float  # part of all inputs
    inputs: st.SearchStrategy[Any]
    open: Callable[[Path], Enter]
    errors: tuple[type[Exception], ...] = ()  # the documented ones
    least: int = 0  # inputs, of a full run


@dataclass
class Result:
    """What became of a door's inputs."""

    inputs: int = 0
    refused: int = 0
    loaded: int = 0  # peak bytes of the process after the first input, when what the door needs has been imported
    grown: int = 0  # peak bytes since then
    seconds: float = 0.0
    messages: dict[str, int] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.inputs - self.refused - len(self.crashes)


class Hang(BaseException):
    """An input took too long. No door catches it."""


def fuzz(target: FuzzTarget, inputs: int, base_seed: int, first_batch: int = 0) -> Result:
    """Send malformed inputs through a door, deterministically."""
    result, begin = Result(), time.monotonic()
    for batch in range(first_batch, first_batch + -(-inputs // BATCH)):
        gc.collect()  # in a process with many objects Python comes round to the last batch's scenes late
        with TemporaryDirectory() as folder:
            _batch(
                target, min(BATCH, inputs - result.inputs), f"{base_seed}/{target.name}/{batch}", Path(folder), result
            )
    result.grown, result.seconds = peak_bytes() - result.loaded, time.monotonic() - begin
    return result


def _batch(target: FuzzTarget, inputs: int, name: str, folder: Path, result: Result) -> None:
    enter, done = target.open(folder), result.inputs

    def one(value: Any) -> None:
        result.inputs += 1
        try:
            with _limit(HANG_S, BLOCKED_S):
                result.refused += enter(value)
        except target.errors as error:
            result.refused += 1
            _complain(name, value, error, result)
        except (Exception, Hang) as error:
            where = _where(error)
            result.crashes.append(f"{name}: {type(error).__name__}: {error} at {where}: {shown(value)}"[:700])
        result.loaded = result.loaded or peak_bytes()

    while result.inputs < done + inputs:  # hypothesis stops early where it sees nothing new
        left, again = done + inputs - result.inputs, f"{name}/{result.inputs - done}"
        checks = settings(
            max_examples=left,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(again)(checks(given(target.inputs)(one)))()


def _complain(name: str, value: Any, error: Exception, result: Result) -> None:
    """An error must say something, and not too much; a table may follow on lines of its own."""
    text = str(error)
    result.messages[text[:60]] = result.messages.get(text[:60], 0) + 1
    if not 10 <= len(text) <= 3000 or "alloc" in text or not text.replace("\n", "").isprintable():
        result.crashes.append(f"{name}: unusable message {text[:200]!r} for {shown(value)}")
        result.refused -= 1


def shown(value: Any) -> str:
    """Short."""
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) < 300 else f"{text[:300]}..."


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"


@contextmanager
def _limit(computing_s: float, real_s: float) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise Hang(f"no end after {computing_s:g} s of computing, or {real_s:g} s")

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, computing_s), (signal.SIGALRM, signal.ITIMER_REAL, real_s))
    before = [signal.signal(number, late) for number, _, _ in timers]
    for _, timer, seconds in timers:
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0.0)
            signal.signal(number, handler)


def peak_bytes() -> int:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@contextmanager
def limited_memory(room: int = ROOM) -> Iterator[None]:
    """Whoever asks for more than `room` bytes gets a MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
