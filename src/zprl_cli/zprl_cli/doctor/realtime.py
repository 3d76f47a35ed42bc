"""Checks that kernel, user limits and CPU clock allow a Franka's 1 kHz control loop."""

import os
import platform
import resource
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn

KERNEL, RTPRIO, GOVERNOR = "kernel", "rtprio", "CPU governor"
REALTIME = Path("/sys/kernel/realtime")
CPUS = Path("/sys/devices/system/cpu")
LIMITS = (
    "in /etc/security/limits.d/zprl.conf put: @realtime - rtprio 99 and @realtime - memlock 102400; then "
    "sudo groupadd -f realtime, sudo usermod -aG realtime $USER, and log in again"
)


@dataclass(frozen=True)
class Kernel:
    """The kernel. `version` is from uname, `flag` the content of /sys/kernel/realtime; None without that file."""

    release: str
    version: str
    flag: str | None


def look() -> Iterator[Finding]:
    """Check kernel, priority limit and CPU governor."""
    yield judge_kernel(read_kernel())
    yield judge_rtprio(may_run_at(highest_priority()), resource.getrlimit(resource.RLIMIT_RTPRIO)[0])
    yield judge_governors(read_governors())


def judge_kernel(kernel: Kernel) -> Finding:
    """Judge the kernel as libfranka does, by /sys/kernel/realtime alone."""
    if kernel.flag == "1":
        return ok(KERNEL, f"{kernel.release}, PREEMPT_RT")
    if "PREEMPT_RT" in kernel.version.replace(" ", "_"):
        return fail(
            KERNEL,
            f"{kernel.release} is PREEMPT_RT, but has no /sys/kernel/realtime, which libfranka checks",
            "boot a kernel with the patches of linux-rt (Ubuntu Pro: pro enable realtime-kernel), "
            "or start the arm node with franky.enforce_realtime:=false",
        )
    return fail(
        KERNEL,
        f"{kernel.release} is not a real-time kernel: the arm node would not start",
        "boot a PREEMPT_RT kernel (Ubuntu Pro: pro enable realtime-kernel; Debian: linux-image-rt-amd64)",
    )


def judge_rtprio(may: bool, limit: int) -> Finding:
    """Judge the priority limit: libfranka runs its loop at the highest priority, 99."""
    if may:
        return ok(RTPRIO, f"a thread may run at SCHED_FIFO {highest_priority()}")
    return fail(RTPRIO, f"no thread may run at SCHED_FIFO {highest_priority()}: the limit is {limit}", LIMITS)


def judge_governors(governors: Mapping[str, int]) -> Finding:
    """Judge the governors, given with their number of CPUs."""
    if not governors:
        return skipped(GOVERNOR, "not reported by this machine (a virtual machine?)")
    found = ", ".join(f"{name} on {count}" for name, count in sorted(governors.items()))
    if set(governors) == {"performance"}:
        return ok(GOVERNOR, found)
    return warn(GOVERNOR, found, "sudo cpupower frequency-set -g performance (a clock that rises late misses 1 ms)")


def read_kernel(flag: Path = REALTIME) -> Kernel:
    """The kernel of this machine."""
    return Kernel(platform.release(), platform.version(), flag.read_text().strip() if flag.exists() else None)


def highest_priority() -> int:
    """The priority that libfranka requests."""
    return os.sched_get_priority_max(os.SCHED_FIFO)


def may_run_at(priority: int) -> bool:
    """Try the priority briefly on the calling thread, as limits, capabilities and containers all matter."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    except OSError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


def read_governors(cpus: Path = CPUS) -> dict[str, int]:
    """Number of CPUs per governor; empty if the kernel does not scale their clock."""
    count: dict[str, int] = {}
    for path in cpus.glob("cpu[0-9]*/cpufreq/scaling_governor"):
        name = path.read_text().strip()
        count[name] = count.get(name, 0) + 1
    return count
