"""Checks free space and the time of a synced write, of which the journal does one per transition."""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from zprl_cli.doctor.check import Finding, fail, ok, warn

SPACE, WRITES = "disk", "synced write"
GB = 1e9
SPACE_WARN, SPACE_FAIL = 10 * GB, 1 * GB
BLOCK = 8192  # a transition and SQLite's overhead
WRITES_TRIED = 30
MEDIAN_WARN_MS, MEDIAN_FAIL_MS = 15.0, 50.0  # 50 ms is a control period
IN_MEMORY = ("tmpfs", "ramfs")


def look(runs: Path) -> Iterator[Finding]:
    """Check the disk of `runs`, which need not exist yet."""
    folder = existing(runs)
    if not folder.is_dir():
        yield fail(SPACE, f"{folder} is not a folder", "choose another --runs")
        return
    yield judge_space(folder, shutil.disk_usage(folder).free, kind_of(folder, Path("/proc/mounts").read_text()))
    try:
        times = synced_writes_ms(folder)
    except OSError as error:
        yield fail(WRITES, f"{folder} cannot be written: {error.strerror}", "choose another --runs, or fix permissions")
    else:
        yield judge_writes(times)


def judge_space(folder: Path, free: float, kind: str = "") -> Finding:
    """Judge free bytes and kind of file system."""
    found = f"{free / GB:.0f} GB free in {folder}" if free >= SPACE_WARN else f"{free / GB:.1f} GB free in {folder}"
    if free < SPACE_FAIL:
        return fail(SPACE, found, "free some space, or choose another --runs")
    if kind in IN_MEMORY:
        return warn(SPACE, f"{found}, which is {kind}: a power cut loses it all", "choose --runs on a disk")
    return ok(SPACE, found) if free >= SPACE_WARN else warn(SPACE, found, "a long run with images may fill it")


def judge_writes(times_ms: Sequence[float]) -> Finding:
    """Judge the times of single writes. The policy writes its journal while the robot moves."""
    median, worst = statistics.median(times_ms), max(times_ms)
    found = f"{median:.1f} ms (median of {len(times_ms)}), {worst:.1f} ms at worst"
    if median < MEDIAN_WARN_MS:
        return ok(WRITES, found)
    remedy = "choose --runs on a local SSD; network folders and memory cards are too slow"
    return (warn if median < MEDIAN_FAIL_MS else fail)(WRITES, found, remedy)


def existing(path: Path) -> Path:
    """The path, or the nearest one above it that exists."""
    path = path.expanduser().absolute()
    while not path.exists():
        path = path.parent
    return path


def kind_of(folder: Path, mounts: str) -> str:
    """Kind of file system by the text of /proc/mounts: the longest mount point above the folder."""
    best, kind = "", ""
    for line in mounts.splitlines():
        point, fs = line.split()[1:3]
        above = folder.is_relative_to(point)
        if above and len(point) >= len(best):
            best, kind = point, fs
    return kind


def synced_writes_ms(folder: Path) -> list[float]:
    """Measure how long each of several writes takes until it is on disk."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        for _ in range(WRITES_TRIED):
            began = time.perf_counter()
            os.write(file.fileno(), bytes(BLOCK))
            os.fsync(file.fileno())
            times.append(1e3 * (time.perf_counter() - began))
    return times
