"""Checks memory, shared memory and GPU."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn
from zprl_core.host.processes import read_process

MEMORY, SHARED, GPU = "memory", "shared memory", "GPU"
GIB, MIB = 2**30, 2**20
MEMORY_WARN, MEMORY_FAIL = 4 * GIB, 2 * GIB
SEGMENT = 32 * MIB  # of each process, by config/fastdds.xml
PROCESSES = 8  # of a graph with two cameras
LEFT_WARN = GIB
MEMINFO, LOCKS, SHM = Path("/proc/meminfo"), Path("/proc/locks"), Path("/dev/shm")
GPU_WARN = 2 * GIB
GPU_USERS, SMI_S = ("nvidia-smi", "--query-compute-apps=pid", "--format=csv,noheader"), 5.0
NVIDIA = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True)
class Gpu:
    """The GPU as torch sees it. `name` "": none. `built_with` is torch's CUDA version, "" without CUDA."""

    name: str
    built_with: str
    driver: bool  # the machine has NVIDIA's driver
    free: int = 0  # memory [bytes]
    total: int = 0
    users: tuple[str, ...] = ()  # processes that compute on it, as far as nvidia-smi shows them


def look_memory() -> Iterator[Finding]:
    """Check memory and shared memory."""
    yield judge_memory(available(MEMINFO.read_text()))
    if SHM.is_dir():
        locks, uid = LOCKS.read_text(), os.geteuid()
        own, others = leftovers(SHM, locks, uid), leftovers(SHM, locks, uid, others=True)
        yield judge_shared(shutil.disk_usage(SHM).free, own, others)
    else:
        yield skipped(SHARED, f"{SHM} does not exist")


def look_gpu() -> Iterator[Finding]:
    """Check the GPU through torch, as the learner uses it."""
    yield judge_gpu(read_gpu())


def judge_memory(free: int) -> Finding:
    """Judge available bytes. Robot, policy and learner took 1.2 GiB; replay and cameras add to it."""
    found = f"{free / GIB:.1f} GiB available, {os.cpu_count()} processors"
    if free >= MEMORY_WARN:
        return ok(MEMORY, found)
    if free >= MEMORY_FAIL:
        return warn(MEMORY, found, f"end other programs: {MEMORY_WARN / GIB:g} GiB leave some room")
    return fail(MEMORY, found, f"end other programs: a graph needs {MEMORY_FAIL / GIB:g} GiB")


def judge_shared(free: int, own: Sequence[int] = (), others: Sequence[int] = ()) -> Finding:
    """Judge free bytes in /dev/shm, and the segments left by dead nodes of this user and of other users.

    A container has 64 MiB by default.
    """
    left = (*own, *others)
    found = f"{free / MIB:.0f} MiB free in {SHM}"
    if free >= PROCESSES * SEGMENT and sum(left) < LEFT_WARN:
        return ok(SHARED, found)
    if left:
        found += f"; {len(left)} segments of ended nodes take {sum(left) / MIB:.0f} MiB of memory"
    if sum(left) >= LEFT_WARN:
        clean = f"stop your ROS nodes on this machine, then find {SHM} -user $USER -name '*fastdds_*' -delete"
        if sum(others) > sum(own):
            foreign = f"{sum(others) / MIB:.0f} MiB are of other users"
            clean = f"{foreign}: ask them to clean up (or an administrator, with sudo); yours: {clean}"
        return (warn if free >= 2 * SEGMENT else fail)(SHARED, found, clean)
    remedy = f"docker run --shm-size=1g (or --ipc=host), or sudo mount -o remount,size=1g {SHM}"
    wants = f"; {PROCESSES} nodes need {PROCESSES * SEGMENT / MIB:.0f} MiB"
    return (warn if free >= 2 * SEGMENT else fail)(SHARED, found + wants, remedy)


def leftovers(shm: Path, locks: str, uid: int, others: bool = False) -> list[int]:
    """Sizes [bytes] of a user's Fast DDS segments that no process has locked, by the text of /proc/locks.

    `others`: those of all other users instead.
    """
    held = {line.split()[5] for line in locks.splitlines() if " FLOCK " in line and "->" not in line}
    sizes = []
    for path in shm.glob("fastdds_" + "[0-9a-f]" * 16):
        try:
            lock, segment = path.with_name(f"{path.name}_el").stat(), path.stat()
        except FileNotFoundError:  # its node just ended
            continue
        if f"{os.major(lock.st_dev):02x}:{os.minor(lock.st_dev):02x}:{lock.st_ino}" not in held:
            sizes += [segment.st_blocks * 512] if (segment.st_uid != uid) is others else []
    return sizes


def judge_gpu(gpu: Gpu) -> Finding:
    """Judge the GPU, which is optional: the default preset is made for CPUs."""
    if gpu.name:
        found = f"{gpu.name}, CUDA {gpu.built_with}, {gpu.free / GIB:.1f} of {gpu.total / GIB:.1f} GiB free"
        if gpu.free >= GPU_WARN:
            return ok(GPU, found)
        by = f", used by {'; '.join(gpu.users)}" if gpu.users else ""
        return warn(GPU, f"{found}{by}", "end or wait for what uses it (nvidia-smi), or use preset efficient or cpu")
    if gpu.driver and not gpu.built_with:
        return warn(GPU, "a GPU is present, but this torch is built without CUDA", "install torch with CUDA, from PyPI")
    if gpu.driver:
        return warn(
            GPU, f"torch (CUDA {gpu.built_with}) sees none", "update NVIDIA's driver; nvidia-smi shows its version"
        )
    return warn(GPU, "none", "not required: expect only presets fast and paper_v1 to be slow")


def available(meminfo: str) -> int:
    """Available memory [bytes] by the text of /proc/meminfo."""
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise ValueError("/proc/meminfo has no MemAvailable")


def read_gpu() -> Gpu:
    """The GPU of this machine."""
    import torch

    built_with = torch.version.cuda or ""
    if not torch.cuda.is_available():
        return Gpu("", built_with, NVIDIA.exists())
    free, total = torch.cuda.mem_get_info(0)
    return Gpu(torch.cuda.get_device_name(0), built_with, NVIDIA.exists(), free, total, gpu_users())


def gpu_users(command: Sequence[str] = GPU_USERS) -> tuple[str, ...]:
    """The processes that compute on a GPU; empty where nvidia-smi does not tell."""
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=SMI_S)
    except (OSError, subprocess.SubprocessError):
        return ()
    pids = [int(word) for word in told.stdout.split() if word.isdecimal()] if told.returncode == 0 else []
    return tuple(str(read_process(pid) or f"process {pid}, which is not visible here") for pid in pids)
