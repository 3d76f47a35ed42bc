"""A machine as `zprl doctor` sees it, on which everything is well until a test changes it."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from fake_camera import Scripted
from zprl_cli.doctor import arm, cameras, clock, dds, disk, doctor, machine, realtime, teleop_devices
from zprl_cli.doctor.arm import Reach
from zprl_cli.doctor.cameras import Stream
from zprl_cli.doctor.check import examine
from zprl_cli.doctor.dds import Heard
from zprl_cli.doctor.machine import GIB, Gpu
from zprl_cli.doctor.teleop_devices import Device
from zprl_hardware.cameras.camera import CameraSettings
from zprl_hardware.cameras.probe import VideoThere

WATCH = cameras.watch
HEARD = Heard(0.5, 0.6, 30, 30, (3.0,), ())
READY = {"franky": "2.0.0", "libfranka": "0.21.2", "mode": "Idle", "errors": (), "trouble": ""}
HAND = {"width": 0.08, "max_width": 0.08, "grasped": False, "trouble": ""}
MOVED = {"before": 0.08, "asked": 0.07, "reached": 0.07, "after": 0.08, "there_s": 0.2, "back_s": 0.2, "trouble": ""}
MOUSE = Device("/dev/hidraw0", "SpaceMouse Compact", True)


@dataclass
class Machine:
    """A machine on which everything is well, until a row changes it."""

    patch: pytest.MonkeyPatch
    here: Path
    replies: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"arm": dict(READY), "hand": dict(HAND), "gripper": dict(MOVED)}
    )
    reach: Reach = field(default_factory=lambda: Reach(0.2))
    camera: Callable[[], Scripted] | None = None  # None: a good one, which is not grabbed
    alive: frozenset[str] = frozenset({MOUSE.path})

    def __post_init__(self) -> None:
        change = self.patch.setattr
        for name in ("RMW_IMPLEMENTATION", "ROS_LOG_DIR", "ROS_HOME", "ROS_DOMAIN_ID"):
            self.patch.delenv(name, raising=False)
        self.patch.setenv("HOME", str(self.here))
        change(dds, "exchange", lambda domain, env, settle_s: (HEARD, ""))
        change(machine, "read_gpu", lambda: Gpu("H100", "12.8", True, 70 * GIB, 80 * GIB))
        change(machine, "available", lambda meminfo: 16 * GIB)
        change(machine, "leftovers", lambda *shm, **others: [])
        change(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10**12, 0, 10**12))  # type: ignore[attr-defined]
        change(disk, "kind_of", lambda folder, mounts: "ext4")
        change(disk, "synced_writes_ms", lambda folder: [1.0])
        change(clock, "offsets_ms", lambda seconds: [0.0, 0.1])
        change(clock, "read_sync", lambda: clock.Sync(True, 5.0))
        change(cameras, "realsenses", list)
        change(cameras, "videos", lambda: [VideoThere("/dev/video0", "C920", True)])
        change(cameras, "watch", self._watch)
        change(arm, "probe", lambda host: self.reach)
        change(arm, "call", lambda probe, what, host, seconds: self.replies[what])
        change(realtime, "read_kernel", lambda: realtime.Kernel("6.12", "#1 SMP PREEMPT_RT", "1"))
        change(realtime, "may_run_at", lambda priority: True)
        change(realtime, "read_governors", lambda: {"performance": 2})
        change(teleop_devices, "spacemice", lambda: [MOUSE])
        change(teleop_devices, "gamepads", list)
        change(teleop_devices, "moved", lambda devices, seconds: set(self.alive) & set(devices))
        change(doctor, "examine", lambda check: examine(replace(check, limit_s=300.0)))  # a loaded machine is slow

    def _watch(self, chosen: Sequence[CameraSettings]) -> list[Stream]:
        """Grab the frames of the bad camera, or make up those of a good one."""
        make = self.camera
        if make is not None:
            return WATCH(chosen, seconds=1.0, make=lambda settings: make())
        stamps = tuple(range(0, 10**9, 10**9 // 30))
        return [Stream(camera.name, camera.fps, stamps, tuple(t + 10**7 for t in stamps)) for camera in chosen]
