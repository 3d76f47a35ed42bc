"""Findings of the doctor, and checks that run on a thread with a time limit."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from zprl_bringup.graph.station import Station

REPORT = "this is a bug in the doctor: run it again, and report this line if it recurs"


class Verdict(str, Enum):
    """The verdict of a finding."""

    OK = "ok"
    WARN = "warn"  # does not block
    FAIL = "fail"
    SKIPPED = "skipped"  # not needed, or not requested


@dataclass(frozen=True)
class Finding:
    """One line of the page."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if not self.name or not self.found:
            raise ValueError(f"a finding needs a name and a text, got {self.name!r} and {self.found!r}")
        if not self.remedy and self.verdict in (Verdict.WARN, Verdict.FAIL):
            raise ValueError(f"{self.name}: a finding of {self.verdict.value} needs a remedy")


@dataclass(frozen=True)
class Check:
    """A check. `look` yields its findings one by one; those before a failure are kept."""

    name: str
    look: Callable[[], Iterable[Finding]]
    limit_s: float = 10.0
    remedy: str = REPORT  # shown when it does not end in time
    ask: str = ""  # instruction for the user meanwhile

    def __post_init__(self) -> None:
        if not self.limit_s > 0:
            raise ValueError(f"{self.name}: limit_s must be positive, got {self.limit_s}")


@dataclass(frozen=True)
class ArmRequest:
    """The request to a robot's own checks of its arm."""

    hostname: str  # "": the station's
    move_gripper: bool  # whether the gripper may be moved
    station: Station | None  # None: none was given, or it cannot be used


def ok(name: str, found: str) -> Finding:
    """Make a finding without a problem."""
    return Finding(name, Verdict.OK, found)


def warn(name: str, found: str, remedy: str) -> Finding:
    """Make a finding of a problem that does not block."""
    return Finding(name, Verdict.WARN, found, remedy)


def fail(name: str, found: str, remedy: str) -> Finding:
    """Make a finding of a problem that blocks."""
    return Finding(name, Verdict.FAIL, found, remedy)


def skipped(name: str, found: str) -> Finding:
    """Make a finding of a check that was not needed."""
    return Finding(name, Verdict.SKIPPED, found)


def skip(name: str, why: str) -> Check:
    """Make a check that is not needed."""
    return Check(name, lambda: [skipped(name, why)])


def examine(check: Check) -> tuple[tuple[Finding, ...], bool]:
    """Run a check; returns its findings, and true if it ended. Neither raises nor exceeds the time limit."""
    found: list[Finding] = []

    def look() -> None:
        try:
            for finding in check.look():
                found.append(finding)  # one by one: those before an exception are kept
        except Exception as error:
            found.append(fail(check.name, f"the check crashed: {type(error).__name__}: {error}", REPORT))

    thread = threading.Thread(target=look, name=check.name, daemon=True)
    thread.start()
    thread.join(check.limit_s)
    if not thread.is_alive():
        return tuple(found), True
    late = fail(check.name, f"no answer within {check.limit_s:g} s", check.remedy)
    return (*found, late), False


def exit_code(findings: Sequence[Finding]) -> int:
    """1 if a check failed; warnings do not block."""
    return int(any(finding.verdict == Verdict.FAIL for finding in findings))
